/**
 * Amounts of resources by name, exactly. Source: k8s.io/apiserver/pkg/quota/v1/resources.go.
 */
import type { JsonObject } from '../../base/json.ts';
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  type Quantity,
} from '../quantity.ts';
import { struct, structs, text, textMap } from '../read.ts';

/** Amounts by resource name. */
export type Quantities = ReadonlyMap<string, Quantity>;

/** So many objects. */
export function countQuantity(count: number): Quantity {
  return { nano: BigInt(count) * 1_000_000_000n, format: 'DecimalSI' };
}

/** The amounts in a field of an object; what is no quantity is left out. */
export function quantitiesAt(parent: JsonObject, key: string): Quantities {
  const result = new Map<string, Quantity>();
  for (const [name, value] of textMap(parent, key)) {
    const parsed = parseQuantity(value);
    if (parsed.ok) result.set(name, parsed.value);
  }
  return result;
}

/** Both together. */
export function sumQuantities(one: Quantities, other: Quantities): Quantities {
  const result = new Map(one);
  for (const [name, amount] of other) {
    const before = result.get(name);
    result.set(name, before === undefined ? amount : addQuantities(before, amount));
  }
  return result;
}

function maxQuantities(one: Quantities, other: Quantities): Quantities {
  const result = new Map(one);
  for (const [name, amount] of other) {
    const before = result.get(name);
    if (before === undefined || compareQuantities(before, amount) < 0) result.set(name, amount);
  }
  return result;
}

/** The amounts as a ResourceList, sorted by name. */
export function toResourceList(amounts: Quantities): JsonObject {
  return Object.fromEntries(
    [...amounts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, amount]) => [name, formatQuantity(amount)]),
  );
}

/**
 * What a Pod asks for, or may take at most: the sum of its containers and sidecars, or what the largest init container has when
 * that is more; what the Pod says of itself counts before that. Source: k8s.io/component-helpers/resource.
 */
export function podQuantities(
  spec: JsonObject,
  list: 'requests' | 'limits',
  { withOverhead }: { readonly withOverhead: boolean },
): Quantities {
  const of = (container: JsonObject) => quantitiesAt(struct(container, 'resources'), list);
  let total: Quantities = new Map();
  for (const container of structs(spec, 'containers')) total = sumQuantities(total, of(container));
  let sidecars: Quantities = new Map();
  let peak: Quantities = new Map();
  for (const container of structs(spec, 'initContainers')) {
    const isSidecar = text(container, 'restartPolicy') === 'Always';
    if (isSidecar) {
      total = sumQuantities(total, of(container));
      sidecars = sumQuantities(sidecars, of(container));
    }
    peak = maxQuantities(peak, isSidecar ? sidecars : sumQuantities(sidecars, of(container)));
  }
  const own = maxQuantities(total, peak);
  const result = new Map(own);
  for (const [name, amount] of quantitiesAt(struct(spec, 'resources'), list)) {
    if (name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')) result.set(name, amount);
  }
  if (!withOverhead) return result;
  const overhead = [...quantitiesAt(spec, 'overhead')];
  // Overhead is no limit of a resource that has none.
  return sumQuantities(result, new Map(overhead.filter(([name]) => list === 'requests' || result.has(name))));
}
