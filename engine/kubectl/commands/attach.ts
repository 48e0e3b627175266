/** `kubectl attach`. Source: k8s.io/kubectl/pkg/cmd/attach/attach.go. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import { detachKeysFlag } from '../cli/flags.ts';
import { failure, messageOf, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { objectsAt, stringAt, valueAt } from '../rest/object-fields.ts';
import { execIn } from './exec.ts';
import { attachNotes } from './run-attach.ts';
import { findSessionPod, sessionFlags } from './session-pod.ts';
import { chooseContainer } from './target-pod.ts';

export const attachCommand: Command = {
  name: 'attach',
  usage: '(POD | TYPE/NAME) -c CONTAINER',
  short: 'Attach to a running container',
  flags: [
    { name: 'container', short: 'c', type: 'string', usage: 'The container; without it the first.' },
    detachKeysFlag,
    ...sessionFlags,
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
  if (flags.durationMs('pod-running-timeout') <= 0)
    return failure('--pod-running-timeout must be higher than zero');
  const name = second === undefined ? first : `${first}/${second}`;
  const found = await findSessionPod(invocation, name, 'attach');
  if (!found.ok) return found;
  const pod = found.value;
  const container = chooseContainer(invocation, pod, flags.string('container'), flags.bool('quiet'));
  if (!container.ok) return failure(`cannot attach to the container: ${messageOf(container.error)}`);
  return attachTo(invocation, pod, container.value);
}

/** Attaches to a container, with the notes that go before and after a session. */
export async function attachTo(
  invocation: Invocation,
  pod: JsonObject,
  container: string,
): Promise<Outcome<void>> {
  const { flags } = invocation;
  const isQuiet = flags.bool('quiet');
  const spec = ['containers', 'initContainers', 'ephemeralContainers']
    .flatMap((field) => objectsAt(pod, 'spec', field))
    .find((one) => stringAt(one, 'name') === container);
  if (flags.bool('tty') && valueAt(spec, 'tty') !== true && !isQuiet) {
    invocation.err(`error: Unable to use a TTY - container ${container} did not allocate one\n`);
  }
  if (!isQuiet) invocation.err(attachNotes.map((note) => `${note}\n`).join(''));
  const namespace = stringAt(pod, 'metadata', 'namespace');
  const name = stringAt(pod, 'metadata', 'name');
  const attached = await execIn(invocation, { namespace, pod: name, container, command: [], verb: 'attach' });
  if (!attached.ok) return attached;
  const isAtTerminal =
    flags.bool('stdin') && valueAt(spec, 'tty') === true && invocation.host.terminal !== undefined;
  if (isAtTerminal && !isQuiet) {
    const line = `kubectl attach ${name} -c ${container} -n ${namespace} -i -t`;
    const isEphemeral = objectsAt(pod, 'spec', 'ephemeralContainers').includes(spec ?? {});
    invocation.out(
      isEphemeral
        ? `Session ended, the ephemeral container will not be restarted but may be reattached using '${line}' if it is still running\n`
        : `Session ended, resume using '${line}' command\n`,
    );
  }
  return ok(undefined);
}
