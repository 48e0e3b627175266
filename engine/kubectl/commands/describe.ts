/** `kubectl describe`. */
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import { allNamespacesFlag, chunkSizeFlag, filenameFlags, selectorFlag } from '../cli/flags.ts';
import { describerFor } from '../describe/describers.ts';
import { type Failure, failure, isNotFound, joinFailures, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { fetchInfos, type ResourceInfo } from '../rest/resource-infos.ts';

export const describeCommand: Command = {
  name: 'describe',
  usage: '(-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME)',
  short: 'Show details of a specific resource or group of resources',
  flags: [
    ...filenameFlags,
    selectorFlag,
    allNamespacesFlag,
    chunkSizeFlag,
    {
      name: 'show-events',
      type: 'bool',
      initial: 'true',
      usage: 'Shows events; by default only of a single object.',
    },
  ],
  run: runDescribe,
};

async function runDescribe(invocation: Invocation): Promise<Outcome<void>> {
  const { args, flags } = invocation;
  if (args.length === 0 && flags.strings('filename').length === 0 && flags.string('kustomize') === '') {
    return failure(
      'You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.',
    );
  }
  const fetched = await fetchInfos(invocation, {
    args,
    selector: flags.string('selector'),
    allNamespaces: flags.bool('all-namespaces'),
    allowEmptySelector: true,
  });
  if (!fetched.ok) return fetched;
  const { infos, failures } = fetched.value;
  const problem = joinFailures(failures);
  const [type = '', prefix = ''] = args;
  if (problem !== undefined && isNotFound(problem) && args.length === 2) {
    return describeMatching(invocation, problem, { type, prefix });
  }
  const showEvents = flags.isSet('show-events')
    ? flags.bool('show-events')
    : infos.length === 1 && problem === undefined;
  const texts = await describeAll(invocation, infos, showEvents);
  invocation.out(texts.texts.join('\n\n'));
  if (infos.length === 0 && problem === undefined) {
    const where = flags.bool('all-namespaces') ? '' : ` in ${invocation.namespace} namespace.`;
    invocation.err(`No resources found${where}\n`);
  }
  const ending = joinFailures([...failures, ...texts.failures]);
  return ending === undefined ? ok(undefined) : { ok: false, error: ending };
}

interface Texts {
  readonly texts: readonly string[];
  readonly failures: readonly Failure[];
}

async function describeAll(
  invocation: Invocation,
  infos: readonly ResourceInfo[],
  showEvents: boolean,
): Promise<Texts> {
  const texts: string[] = [];
  const failures: Failure[] = [];
  for (const info of infos) {
    const text = await describerFor(info.mapping)({ invocation, object: info.object, showEvents });
    if (text.ok) texts.push(text.value);
    else failures.push(text.error);
  }
  return { texts, failures };
}

/** A name that nothing has may be the beginning of names. */
async function describeMatching(
  invocation: Invocation,
  notFound: Failure,
  { type, prefix }: { readonly type: string; readonly prefix: string },
): Promise<Outcome<void>> {
  const all = await fetchInfos(invocation, {
    args: [type],
    selector: '',
    allowEmptySelector: true,
    singleResourceType: true,
  });
  if (!all.ok) return all;
  const matching = all.value.infos.filter((info) => info.name.startsWith(prefix));
  if (matching.length === 0) return { ok: false, error: notFound };
  const showEvents = invocation.flags.isSet('show-events') && invocation.flags.bool('show-events');
  const { texts, failures } = await describeAll(invocation, matching, showEvents);
  invocation.out(texts.map((text) => `${text}\n`).join(''));
  const problem = joinFailures(failures);
  return problem === undefined ? ok(undefined) : { ok: false, error: problem };
}
