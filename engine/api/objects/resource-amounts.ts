/**
 * The amounts of cpu, memory and other resources that Pods ask for, as numbers.
 * Source: k8s.io/component-helpers/resource, PodRequests.
 */
import { parseQuantity } from '../quantity.ts';
import type { Container, Pod } from '../types/kinds.ts';
import { isSidecar } from './pods.ts';

/** A validated quantity as a number of its base unit (cores, bytes); 0 for what is no quantity. */
export function resourceAmount(quantity: unknown): number {
  const parsed = parseQuantity(String(quantity));
  return parsed.ok ? Number(parsed.value.nano) / 1e9 : 0;
}

/** Amounts by resource name. */
export type ResourceAmounts = ReadonlyMap<string, number>;

/**
 * What a Pod takes on a node: the sum of its containers and sidecars, or what the largest init container needs when
 * that is more, plus the overhead.
 */
export function podRequests(pod: Pod): ResourceAmounts {
  const known = knownRequests.get(pod);
  if (known !== undefined) return known;
  const requests = computeRequests(pod);
  if (Object.isFrozen(pod)) knownRequests.set(pod, requests);
  return requests;
}

/** What follows from a frozen object alone may be kept: a scheduler asks it of every Pod on every node, for each new one. */
const knownRequests = new WeakMap<Pod, ResourceAmounts>();

function computeRequests(pod: Pod): ResourceAmounts {
  const total = new Map<string, number>();
  for (const container of pod.spec?.containers ?? []) addTo(total, requestsOf(container));
  const sidecars = new Map<string, number>();
  const peak = new Map<string, number>();
  for (const container of pod.spec?.initContainers ?? []) {
    const requests = requestsOf(container);
    if (isSidecar(container)) {
      addTo(total, requests);
      addTo(sidecars, requests);
      maxInto(peak, sidecars);
    } else {
      const together = new Map(sidecars);
      addTo(together, requests);
      maxInto(peak, together);
    }
  }
  maxInto(total, peak);
  addTo(total, amounts(pod.spec?.overhead));
  return total;
}

function requestsOf(container: Container): ResourceAmounts {
  return amounts(container.resources?.requests);
}

function amounts(list: Readonly<Record<string, string>> | undefined): ResourceAmounts {
  return new Map(Object.entries(list ?? {}).map(([name, quantity]) => [name, resourceAmount(quantity)]));
}

function addTo(target: Map<string, number>, more: ResourceAmounts): void {
  for (const [name, amount] of more) target.set(name, (target.get(name) ?? 0) + amount);
}

function maxInto(target: Map<string, number>, other: ResourceAmounts): void {
  for (const [name, amount] of other) target.set(name, Math.max(target.get(name) ?? 0, amount));
}
