/** `kubectl auth` and its sub-commands. */
import { ok } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import type { Command } from '../cli/command.ts';
import { outputFlags } from '../cli/flags.ts';
import { failure, isNotFound, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { formatGoPlain } from '../printers/go-syntax.ts';
import { alignTabs, tableLayout } from '../printers/tab-writer.ts';
import { listAt, objectAt, stringAt } from '../rest/object-fields.ts';
import { canICommand } from './auth-can-i.ts';
import { authReconcileCommand } from './auth-reconcile.ts';
import { outcomePrinter } from './write-options.ts';

const whoAmICommand: Command = {
  name: 'whoami',
  usage: '',
  short: 'Experimental: Check self subject attributes',
  flags: outputFlags,
  run: whoAmI,
};

export const authCommand: Command = {
  name: 'auth',
  usage: '[flags]',
  short: 'Inspect authorization',
  flags: [],
  subcommands: [canICommand, authReconcileCommand, whoAmICommand],
};

async function whoAmI(invocation: Invocation): Promise<Outcome<void>> {
  const review = await invocation.client.post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'SelfSubjectReview',
  });
  if (!review.ok) {
    const isForbidden = review.error.kind === 'status' && review.error.status.reason === 'Forbidden';
    const missing = 'the selfsubjectreviews API is not enabled in the cluster';
    if (isForbidden) return failure(`${missing} or you do not have permission to call it`);
    return isNotFound(review.error) ? failure(missing) : review;
  }
  if (invocation.flags.string('output') !== '') {
    const print = await outcomePrinter(invocation, 'none', { typed: true });
    return print.ok ? print.value(review.value, '') : print;
  }
  const user = objectAt(review.value, 'status', 'userInfo');
  const rows: (readonly [string, string])[] = [['ATTRIBUTE', 'VALUE']];
  if (stringAt(user, 'username') !== '') rows.push(['Username', stringAt(user, 'username')]);
  if (stringAt(user, 'uid') !== '') rows.push(['UID', stringAt(user, 'uid')]);
  if (listAt(user, 'groups').length > 0) rows.push(['Groups', formatGoPlain(listAt(user, 'groups'))]);
  const extra = objectAt(user, 'extra');
  for (const key of Object.keys(extra).sort(compareKeys)) {
    rows.push([`Extra: ${key}`, formatGoPlain(extra[key] ?? null)]);
  }
  const text = rows.map(([name, value]) => `${name}\t${value}\n`).join('');
  invocation.out(alignTabs(text, tableLayout));
  return ok(undefined);
}
