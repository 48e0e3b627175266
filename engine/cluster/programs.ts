/** Which programs exist in a cluster: those of images and machines, and those that parts of the node run. */
import type { ProcessAdmin } from '../net/linux.ts';
import { kubeProxyPrograms } from '../node/kube-proxy/health-servers.ts';
import { kubeletPrograms } from '../node/kubelet/kubelet.ts';
import { programs } from '../programs/registry.ts';
import { backendPrograms } from './backend-exchange.ts';
import { localPortPrograms } from './local-port.ts';
import { probePrograms } from './machine-tools.ts';

/** Names every program to the process table. */
export function registerPrograms(processes: ProcessAdmin): void {
  const all = new Map([
    ...programs,
    ...kubeletPrograms,
    ...kubeProxyPrograms,
    ...probePrograms,
    ...localPortPrograms,
    ...backendPrograms,
  ]);
  for (const [name, program] of all) processes.registerProgram(name, program);
}
