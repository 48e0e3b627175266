/** The rest of `kubectl run -i`: waits for the Pod, shows what it prints, ends as it ends, and tidies up with `--rm`. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { failure, isNotFound, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { objectAt, objectsAt, stringAt, valueAt } from '../rest/object-fields.ts';
import { execIn } from './exec.ts';
import { answerMs, showLogs, waitForPod } from './wait-for-pod.ts';

/** Follows a Pod that was just made. */
export async function attachToRun(invocation: Invocation, pod: JsonObject): Promise<Outcome<void>> {
  const outcome = await followPod(invocation, pod);
  if (!invocation.flags.bool('rm')) return outcome;
  const name = stringAt(pod, 'metadata', 'name');
  const deleted = await invocation.client.delete(`/api/v1/namespaces/${invocation.namespace}/pods/${name}`, {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    propagationPolicy: 'Background',
  });
  if (deleted.ok && !invocation.flags.bool('quiet')) {
    invocation.out(`pod "${name}" deleted from ${invocation.namespace} namespace\n`);
  }
  return outcome.ok && !deleted.ok && !isNotFound(deleted.error) ? deleted : outcome;
}

/** What is said when a session begins. */
export const attachNotes = [
  'All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed through the command prompt.',
  "If you don't see a command prompt, try pressing enter.",
];

async function followPod(invocation: Invocation, pod: JsonObject): Promise<Outcome<void>> {
  const name = stringAt(pod, 'metadata', 'name');
  const named = { namespace: invocation.namespace, name };
  const waited = { ...named, timeoutMs: invocation.flags.durationMs('pod-running-timeout') };
  const started = await waitForPod(invocation, waited, isStarted);
  if (!started.ok) return started;
  // Until it is known here that the Pod runs, one that has little to do has ended.
  await invocation.host.waitUntil(() => false, answerMs);
  const now = await waitForPod(invocation, named, () => true);
  if (!now.ok) return now;
  await showLogs(invocation, named);
  if (!isCompleted(now.value)) {
    if (!invocation.flags.bool('quiet')) invocation.err(attachNotes.map((note) => `${note}\n`).join(''));
    const attached = await execIn(invocation, {
      namespace: invocation.namespace,
      pod: name,
      container: stringAt(now.value, 'spec', 'containers', 0, 'name'),
      command: [],
      verb: 'attach',
    });
    // How the program ended is told by the Pod below; only a session that never was matters here.
    if (!attached.ok && attached.error.kind !== 'exit') {
      const reason = attached.error.kind === 'message' ? attached.error.message : '';
      invocation.err(`warning: couldn't attach to pod/${name}, falling back to streaming logs: ${reason}\n`);
      await showLogs(invocation, named);
    }
  }
  const restart = invocation.flags.string('restart');
  const policy = invocation.flags.isSet('restart') ? restart : 'Always';
  if (policy === 'Always' || invocation.flags.bool('leave-stdin-open')) return ok(undefined);
  const ended = await waitForPod(invocation, waited, policy === 'Never' ? isCompleted : isSucceeded);
  return ended.ok ? exitOf(ended.value, invocation.namespace) : ended;
}

function phaseOf(pod: JsonObject): string {
  return stringAt(pod, 'status', 'phase');
}

function isCompleted(pod: JsonObject): boolean {
  return phaseOf(pod) === 'Succeeded' || phaseOf(pod) === 'Failed';
}

function isSucceeded(pod: JsonObject): boolean {
  return phaseOf(pod) === 'Succeeded';
}

function isStarted(pod: JsonObject): boolean {
  if (isCompleted(pod)) return true;
  const ready = objectsAt(pod, 'status', 'conditions').find((one) => stringAt(one, 'type') === 'Ready');
  return phaseOf(pod) === 'Running' && stringAt(ready, 'status') === 'True';
}

function exitOf(pod: JsonObject, namespace: string): Outcome<void> {
  if (phaseOf(pod) === 'Succeeded') return ok(undefined);
  const label = `${namespace}/${stringAt(pod, 'metadata', 'name')}`;
  const terminated = objectAt(pod, 'status', 'containerStatuses', 0, 'state', 'terminated');
  const code = Number(valueAt(terminated, 'exitCode') ?? 0);
  if (code === 0) return failure(`pod ${label} failed with unknown exit code`);
  const text = `pod ${label} terminated (${stringAt(terminated, 'reason')})\n${stringAt(terminated, 'message')}`;
  return { ok: false, error: { kind: 'exit', code, text } };
}
