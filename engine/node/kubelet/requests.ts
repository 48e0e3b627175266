/** Requests that the kubelet sends from its node, to probe a container or for a hook, each as a process of its own. */
import type { Container } from '../../api/types/kinds.ts';
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import { ok, type Result } from '../../base/result.ts';
import type { KubeletParts } from './parts.ts';
import type { NetworkProbe, ProbeVerdict } from './probe-program.ts';
import type { ProcessRole } from './state.ts';

/** Starts the process of a request; its end finds its owner by the role. The error is why it did not start. */
export function startRequest(
  parts: KubeletParts,
  target: NetworkProbe,
  options: { readonly label: string; readonly role: ProcessRole; readonly foreground: boolean },
): Result<number, string> {
  const { processes, node } = parts.deps;
  parts.state.toolsRootfs ??= processes.addRootfs([
    { files: new Map([['/kubelet-probe', { program: 'kubelet-probe' }]]) },
  ]);
  const started = processes.spawn({
    machine: node.name,
    netns: node.name,
    rootfs: parts.state.toolsRootfs,
    argv: ['/kubelet-probe', JSON.stringify(target)],
    hostname: node.name,
    label: options.label,
    foreground: options.foreground,
  });
  if (!started.ok) return started;
  parts.runtime.watchProcess(started.value, options.role);
  return ok(started.value);
}

/** What the process of a request printed. */
export function parseVerdict(output: string): ProbeVerdict {
  const verdict: JsonValue = output === '' ? null : JSON.parse(output);
  if (!isJsonObject(verdict)) return { success: false, output: 'context deadline exceeded' };
  return { success: verdict.success === true, output: String(verdict.output ?? '') };
}

/** The number of a port that is given by number or by the name that the container has for it. */
export function resolvePort(port: unknown, container: Container | undefined): number {
  if (typeof port === 'number') return port;
  const named = container?.ports?.find(({ name }) => name === port);
  return named?.containerPort ?? (typeof port === 'string' && /^[0-9]{1,5}$/.test(port) ? Number(port) : 0);
}
