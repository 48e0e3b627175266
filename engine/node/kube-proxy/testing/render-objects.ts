/** kube-proxy's restore input as one text, from all objects at once. */
import type { EndpointSlice, Service } from '../../../api/types/kinds.ts';
import { createSortedMap } from '../../../base/sorted-map.ts';
import { serviceOfSlice } from '../endpoints.ts';
import { gatherSharedRules, type PortRules } from '../port-rules.ts';
import type { ProxyFacts } from '../proxy-facts.ts';
import { writeProxyRules } from '../rules.ts';
import { updatePorts } from '../sync-state.ts';

export interface ProxyInput {
  readonly facts: ProxyFacts;
  readonly services: readonly Service[];
  readonly endpointSlices: readonly EndpointSlice[];
  readonly existingChains?: Iterable<string>;
  /** Services (`namespace/name`) whose own chains are written; all when absent. */
  readonly changed?: ReadonlySet<string>;
}

export function renderProxyRules(input: ProxyInput): string {
  const { facts, services, endpointSlices, changed, existingChains = [] } = input;
  const ports = createSortedMap<PortRules>();
  const all = services.map((service) => {
    const name = `${service.metadata.namespace ?? ''}/${service.metadata.name}`;
    return { name, service, slices: endpointSlices.filter((slice) => serviceOfSlice(slice) === name) };
  });
  const { written } = updatePorts(ports, all, facts, 0);
  const wanted = [...written].filter(([, { port }]) => changed?.has(port.service) ?? true);
  const shared = gatherSharedRules(ports);
  const lines = writeProxyRules({ facts, ports, shared, written: new Map(wanted), existingChains });
  return `${lines.join('\n')}\n`;
}
