/** `kubectl certificate approve|deny`. Source: k8s.io/kubectl/pkg/cmd/certificates/certificates.go. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import { filenameFlags, outputFlags } from '../cli/flags.ts';
import { failure, joinFailures, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { objectsAt, stringAt, withValueAt } from '../rest/object-fields.ts';
import { fetchInfos } from '../rest/resource-infos.ts';
import { resourcePath } from '../rest/rest-mapper.ts';
import { outcomePrinter } from './write-options.ts';

type Verdict = 'Approved' | 'Denied';

export const certificateCommand: Command = {
  name: 'certificate',
  usage: 'SUBCOMMAND',
  short: 'Modify certificate resources',
  flags: [],
  subcommands: [
    verdictCommand('approve', 'Approve a certificate signing request', 'Approved'),
    verdictCommand('deny', 'Deny a certificate signing request', 'Denied'),
  ],
};

function verdictCommand(name: string, short: string, verdict: Verdict): Command {
  return {
    name,
    usage: '(-f FILENAME | NAME)',
    short,
    flags: [
      ...filenameFlags,
      ...outputFlags,
      { name: 'force', type: 'bool', initial: 'false', usage: 'Says it anew where it was said before.' },
    ],
    run: (invocation) => judge(invocation, verdict),
  };
}

async function judge(invocation: Invocation, verdict: Verdict): Promise<Outcome<void>> {
  const { args, client, flags } = invocation;
  if (args.length === 0 && flags.strings('filename').length === 0 && flags.string('kustomize') === '')
    return failure('one or more CSRs must be specified as <name> or -f <filename>');
  const print = await outcomePrinter(invocation, 'none');
  if (!print.ok) return print;
  const names = args.length === 0 ? [] : ['certificatesigningrequests', ...args];
  const fetched = await fetchInfos(invocation, { args: names, selector: '' });
  if (!fetched.ok) return fetched;
  for (const info of fetched.value.infos) {
    if (info.mapping.kind !== 'CertificateSigningRequest') {
      const kind = `${info.mapping.group}/${info.mapping.version}, Kind=${info.mapping.kind}`;
      return failure(`can only handle certificates.k8s.io CertificateSigningRequest objects, got ${kind}`);
    }
    const changed = withVerdict(info.object, verdict, {
      nowMs: invocation.host.now(),
      isForced: flags.bool('force'),
    });
    if (!changed.ok) return changed;
    let object = info.object;
    if (changed.value !== undefined) {
      const sent = await client.put(`${resourcePath(info.mapping, '', info.name)}/approval`, changed.value);
      if (!sent.ok) return sent;
      object = sent.value;
    }
    const printed = print.value(object, verdict === 'Approved' ? 'approved' : 'denied');
    if (!printed.ok) return printed;
  }
  const problem = joinFailures(fetched.value.failures);
  if (problem !== undefined) return { ok: false, error: problem };
  if (fetched.value.infos.length === 0) invocation.out('No resources found\n');
  return ok(undefined);
}

/** Undefined when it was said before. */
function withVerdict(
  object: JsonObject,
  verdict: Verdict,
  { nowMs, isForced }: { readonly nowMs: number; readonly isForced: boolean },
): Outcome<JsonObject | undefined> {
  const other: Verdict = verdict === 'Approved' ? 'Denied' : 'Approved';
  const conditions = objectsAt(object, 'status', 'conditions');
  const types = conditions.map((one) => stringAt(one, 'type'));
  if (types.includes(other)) {
    const name = stringAt(object, 'metadata', 'name');
    return failure(`certificate signing request ${JSON.stringify(name)} is already ${other}`);
  }
  if (types.includes(verdict) && !isForced) return ok(undefined);
  if (types.includes(verdict)) return ok(object);
  const word = verdict === 'Approved' ? 'Approve' : 'Deny';
  const condition = {
    lastUpdateTime: new Date(nowMs).toISOString().replace(/\.\d+Z$/, 'Z'),
    message: `This CSR was ${verdict.toLowerCase()} by kubectl certificate ${word.toLowerCase()}.`,
    reason: `Kubectl${word}`,
    status: 'True',
    type: verdict,
  };
  return ok(withValueAt(object, ['status', 'conditions'], [...conditions, condition]));
}
