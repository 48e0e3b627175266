/** `kubectl attach`. Source: k8s.io/kubectl/pkg/cmd/attach/attach.go. */
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import { failure, messageOf, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { objectsAt, stringAt, valueAt } from '../rest/object-fields.ts';
import { execIn } from './exec.ts';
import { attachNotes } from './run-attach.ts';
import { chooseContainer, findTargetPods } from './target-pod.ts';

export const attachCommand: Command = {
  name: 'attach',
  usage: '(POD | TYPE/NAME) -c CONTAINER',
  short: 'Attach to a running container',
  flags: [
    { name: 'container', short: 'c', type: 'string', usage: 'The container; without it the first.' },
    { name: 'detach-keys', type: 'string', usage: 'Keys that end the session (not used here).' },
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
  ],
  run: runAttach,
};

async function runAttach(invocation: Invocation): Promise<Outcome<void>> {
  const { args, flags } = invocation;
  const [first, second] = args;
  if (first === undefined) return failure('at least 1 argument is required for attach');
  if (args.length > 2) {
    return failure(
      `expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw ${args.length}: [${args.join(' ')}]`,
    );
  }
  const timeoutMs = flags.durationMs('pod-running-timeout');
  if (timeoutMs <= 0) return failure('--pod-running-timeout must be higher than zero');
  const name = second === undefined ? first : `${first}/${second}`;
  const found = await findTargetPods(invocation, name, timeoutMs);
  if (!found.ok) return found;
  const [pod] = found.value.pods;
  if (pod === undefined) return failure(`no pods found for ${name}`);
  const phase = stringAt(pod, 'status', 'phase');
  if (phase === 'Succeeded' || phase === 'Failed')
    return failure(`cannot attach a container in a completed pod; current phase is ${phase}`);
  const container = chooseContainer(invocation, pod, flags.string('container'), flags.bool('quiet'));
  if (!container.ok) return failure(`cannot attach to the container: ${messageOf(container.error)}`);
  const spec = objectsAt(pod, 'spec', 'containers').find((one) => stringAt(one, 'name') === container.value);
  if (flags.bool('tty') && valueAt(spec, 'tty') !== true && !flags.bool('quiet')) {
    invocation.err(`error: Unable to use a TTY - container ${container.value} did not allocate one\n`);
  }
  if (!flags.bool('quiet')) invocation.err(attachNotes.map((note) => `${note}\n`).join(''));
  const attached = await execIn(invocation, {
    namespace: stringAt(pod, 'metadata', 'namespace'),
    pod: stringAt(pod, 'metadata', 'name'),
    container: container.value,
    command: [],
    verb: 'attach',
  });
  return attached.ok ? ok(undefined) : attached;
}
