/**
 * Lifecycle hooks of containers: a command in the container, a request to it, or a pause.
 * Source: pkg/kubelet/lifecycle/handlers.go. Left out: certificates of HTTPS, headers of the request.
 */
import type { Container } from '../../api/types/kinds.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { execStartFailure } from './container-runtime.ts';
import type { KubeletParts } from './parts.ts';
import { containerSpec, podTitle } from './parts.ts';
import { parseVerdict, resolvePort, startRequest } from './requests.ts';
import type { ContainerState, PodRecord, ProcessRole } from './state.ts';

/** What a hook does. */
export type Hook = NonNullable<NonNullable<Container['lifecycle']>['postStart']>;

/** What was begun: a process, or a wait. */
export type RunningHook = { readonly pid: number } | { readonly sleepMs: number };

/** A request without an answer ends when the connection gives up. Source: tcp(7), tcp_syn_retries. */
const requestTimeoutMs = 127_000;

/** Begins a hook; the error is what kept it from starting. */
export function startHook(
  parts: KubeletParts,
  record: PodRecord,
  container: ContainerState,
  hook: Hook,
  role: ProcessRole,
): Result<RunningHook, string> {
  if (hook.sleep !== undefined) return ok({ sleepMs: hook.sleep.seconds * 1000 });
  if (hook.exec !== undefined) {
    const argv = hook.exec.command ?? [];
    const started = parts.runtime.exec(container, { argv, role });
    return started.ok
      ? ok({ pid: started.value })
      : err(`rpc error: code = Unknown desc = ${execStartFailure(parts.deps.random, started.error)}`);
  }
  if (hook.httpGet === undefined) return err(`invalid handler`);
  const port = resolvePort(hook.httpGet.port, containerSpec(record.pod, container.name));
  const host = hook.httpGet.host || (parts.runtime.sandboxOf(record.uid)?.address ?? '');
  const path = hook.httpGet.path ?? '/';
  const url = `${(hook.httpGet.scheme ?? 'HTTP').toLowerCase()}://${host}:${port}${path}`;
  const request = `GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nUser-Agent: kube-lifecycle/1.36\r\nAccept: */*\r\nConnection: close\r\n\r\n`;
  const target = { kind: 'http', host, port, timeoutMs: requestTimeoutMs, url, request } as const;
  const started = startRequest(parts, target, { label: `hook ${container.id}`, role, foreground: false });
  return started.ok ? ok({ pid: started.value }) : started;
}

/** How the process of a hook ended. */
export interface HookEnd {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Why the process of a hook failed, in the words of Go's errors; undefined when it did not. */
export function hookFailure(hook: Hook, { exitCode, stdout, stderr }: HookEnd): string | undefined {
  if (hook.exec !== undefined) {
    if (exitCode === 0) return undefined;
    return `command '${(hook.exec.command ?? []).join(' ')}' exited with ${exitCode}: ${stderr}`;
  }
  const verdict = parseVerdict(stdout);
  // Any answer will do.
  return verdict.success || verdict.output.startsWith('HTTP probe failed') ? undefined : verdict.output;
}

/** What the status says of a container whose postStart hook failed. */
export function formatHookFailure(
  record: PodRecord,
  container: string,
  hook: Hook,
  failure: string,
  output: string,
): string {
  const about = `for Container ${JSON.stringify(container)} in Pod ${JSON.stringify(podTitle(record))} failed - error: ${failure}`;
  if (hook.exec !== undefined) {
    return `Exec lifecycle hook ([${(hook.exec.command ?? []).join(' ')}]) ${about}, message: ${JSON.stringify(output)}`;
  }
  return `HTTP lifecycle hook (${hook.httpGet?.path ?? '/'}) ${about}`;
}
