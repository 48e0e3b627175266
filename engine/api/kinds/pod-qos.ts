/**
 * The quality of service class of a Pod, from its containers' requests and limits of cpu and memory.
 * Source: pkg/apis/core/v1/helper/qos.
 */
import type { JsonObject } from '../../base/json.ts';
import { addQuantities, compareQuantities, parseQuantity, type Quantity } from '../quantity.ts';
import { has, struct, structs } from '../read.ts';

/** `Guaranteed`, `Burstable` or `BestEffort`. */
export function qosClass(spec: JsonObject): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const resources = has(spec, 'resources')
    ? [struct(spec, 'resources')]
    : [...structs(spec, 'containers'), ...structs(spec, 'initContainers')].map((container) =>
        struct(container, 'resources'),
      );
  const requests = sum(resources, 'requests');
  const limits = sum(resources, 'limits');
  if (requests.size === 0 && limits.size === 0) return 'BestEffort';
  const hasAllLimits = resources.every((item) => {
    const named = positive(item, 'limits');
    return named.has('cpu') && named.has('memory');
  });
  const isEqual = [...requests].every(([name, request]) => {
    const limit = limits.get(name);
    return limit !== undefined && compareQuantities(limit, request) === 0;
  });
  return hasAllLimits && isEqual && requests.size === limits.size ? 'Guaranteed' : 'Burstable';
}

function sum(resources: readonly JsonObject[], key: string): ReadonlyMap<string, Quantity> {
  const total = new Map<string, Quantity>();
  for (const item of resources) {
    for (const [name, quantity] of positive(item, key)) {
      const before = total.get(name);
      total.set(name, before === undefined ? quantity : addQuantities(before, quantity));
    }
  }
  return total;
}

function positive(resources: JsonObject, key: string): ReadonlyMap<string, Quantity> {
  const result = new Map<string, Quantity>();
  for (const name of ['cpu', 'memory']) {
    const quantity = parseQuantity(String(struct(resources, key)[name] ?? ''));
    if (quantity.ok && quantity.value.nano > 0n) result.set(name, quantity.value);
  }
  return result;
}
