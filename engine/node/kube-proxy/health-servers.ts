/**
 * The processes that hold kube-proxy's ports, kept in step with the Services.
 * Source: ServiceHealthServer in pkg/proxy/healthcheck/service_health.go, Kubernetes v1.36.
 */
import type { ProcessAdmin } from '../../net/linux.ts';
import type { NetnsId } from '../../net/trace.ts';
import { healthzPort } from './health.ts';
import { healthPortVariable, kubeProxyProgram } from './health-program.ts';

/** Programs that the process table must know. */
export const kubeProxyPrograms = [['kube-proxy', kubeProxyProgram]] as const;

/** What changes: the process of each port; that of kube-proxy itself stands under {@link healthzPort}. */
export interface HealthServersState {
  rootfs: number | undefined;
  readonly pids: Map<number, number>;
}

/** No process yet. */
export function healthServersState(): HealthServersState {
  return { rootfs: undefined, pids: new Map() };
}

/** Where the processes run. */
export interface HealthServersDeps {
  readonly processes: ProcessAdmin;
  readonly node: string;
  readonly hostNetns: NetnsId;
}

/** As kubeadm's DaemonSet starts it. */
const executable = '/usr/local/bin/kube-proxy';

/** Starts and ends processes until exactly kube-proxy's own ports and these are served. */
export function syncHealthServers(
  { processes, node, hostNetns }: HealthServersDeps,
  state: HealthServersState,
  ports: ReadonlySet<number>,
): void {
  for (const [port, pid] of state.pids) {
    if (port === healthzPort || ports.has(port)) continue;
    processes.kill(pid, 'SIGKILL');
    state.pids.delete(port);
  }
  state.rootfs ??= processes.addRootfs([{ files: new Map([[executable, { program: 'kube-proxy' }]]) }]);
  for (const port of [healthzPort, ...[...ports].sort((a, b) => a - b)]) {
    if (state.pids.has(port)) continue;
    const started = processes.spawn({
      machine: node,
      netns: hostNetns,
      rootfs: state.rootfs,
      argv: [executable, '--config=/var/lib/kube-proxy/config.conf', `--hostname-override=${node}`],
      env: new Map(port === healthzPort ? [] : [[healthPortVariable, String(port)]]),
      hostname: node,
    });
    if (started.ok) state.pids.set(port, started.value);
  }
}
