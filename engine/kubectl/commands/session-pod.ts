/** What `kubectl exec` and `kubectl attach` have in common: their flags, and the Pod that they open a session in. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { FlagSpec } from '../cli/flag-table.ts';
import { failure, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { stringAt } from '../rest/object-fields.ts';
import { findTargetPods } from './target-pod.ts';

/** The flags of a session's streams, and of the wait for its Pod. */
export const sessionFlags: readonly FlagSpec[] = [
  {
    name: 'pod-running-timeout',
    type: 'duration',
    initial: '1m0s',
    usage: 'Longest time to wait for a running Pod.',
  },
  { name: 'quiet', short: 'q', type: 'bool', initial: 'false', usage: 'Only what the program prints.' },
  {
    name: 'stdin',
    short: 'i',
    type: 'bool',
    initial: 'false',
    usage: "Hands the program this command's stdin.",
  },
  { name: 'tty', short: 't', type: 'bool', initial: 'false', usage: 'Stdin is a terminal.' },
];

/** The Pod that `name` means, once it runs; `verb` says what can't be done in one that has completed. */
export async function findSessionPod(
  invocation: Invocation,
  name: string,
  verb: 'exec into' | 'attach',
): Promise<Outcome<JsonObject>> {
  const found = await findTargetPods(invocation, name, invocation.flags.durationMs('pod-running-timeout'));
  if (!found.ok) return found;
  const [pod] = found.value.pods;
  if (pod === undefined) return failure(`no pods found for ${name}`);
  const phase = stringAt(pod, 'status', 'phase');
  return phase === 'Succeeded' || phase === 'Failed'
    ? failure(`cannot ${verb} a container in a completed pod; current phase is ${phase}`)
    : ok(pod);
}
