/**
 * What objects use of a ResourceQuota. Source: pkg/quota/v1/evaluator/core and k8s.io/apiserver/pkg/quota/v1/generic.
 * Left out: claims of devices.
 */
import type { JsonObject } from '../../base/json.ts';
import { storageClassOf } from '../kinds/persistent-volume-claim.ts';
import { qosClass } from '../kinds/pod-qos.ts';
import { type Quantity, quantityValue } from '../quantity.ts';
import { flag, has, number, struct, structs, text, texts } from '../read.ts';
import { type LabelRequirement, meetsRequirement } from './labels.ts';
import { countQuantity, podQuantities, type Quantities, quantitiesAt, sumQuantities } from './quantities.ts';

/** A kind as quotas name it. */
export interface CountedKind {
  readonly group: string;
  readonly plural: string;
}

const zero: Quantity = countQuantity(0);
const one: Quantity = countQuantity(1);
const storageClassSuffix = '.storageclass.storage.k8s.io/';
const claimResources = ['persistentvolumeclaims', 'requests.storage'];

/** What Pods use by these names. */
const podResources = new Set([
  'pods',
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
]);
const serviceResources = new Set(['services', 'services.nodeports', 'services.loadbalancers']);

/** Kinds that can be counted without `count/`, too. */
const plainCounts = new Set(['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets']);

function countName({ group, plural }: CountedKind): string {
  return group === '' ? `count/${plural}` : `count/${plural}.${group}`;
}

/** Which of some resources objects of a kind can use. */
export function usableResources(kind: CountedKind, names: readonly string[]): readonly string[] {
  return names.filter(
    (name) => name === countName(kind) || (kind.group === '' && isUsedBy(kind.plural, name)),
  );
}

function isUsedBy(plural: string, name: string): boolean {
  switch (plural) {
    case 'pods': {
      const isHuge = name.startsWith('hugepages-') || name.startsWith('requests.hugepages-');
      const isExtended =
        name.startsWith('requests.') && name.includes('/') && !name.includes('kubernetes.io/');
      return podResources.has(name) || isHuge || isExtended;
    }
    case 'services':
      return serviceResources.has(name);
    case 'persistentvolumeclaims':
      return claimResources.some(
        (resource) => name === resource || name.endsWith(storageClassSuffix + resource),
      );
    default:
      return plainCounts.has(plural) && name === plural;
  }
}

/** What an object uses at a moment. */
export function usageOf(kind: CountedKind, object: JsonObject, nowMs: number): Quantities {
  const count: Quantities = new Map([[countName(kind), one]]);
  if (kind.group !== '') return count;
  switch (kind.plural) {
    case 'pods':
      return isEnded(object, nowMs) ? count : sumQuantities(count, podUsage(object));
    case 'services':
      return sumQuantities(count, serviceUsage(struct(object, 'spec')));
    case 'persistentvolumeclaims':
      return sumQuantities(count, claimUsage(object));
    default:
      return plainCounts.has(kind.plural) ? sumQuantities(count, new Map([[kind.plural, one]])) : count;
  }
}

/** Whether a Pod uses nothing any more: it is done, or its time to end is over. */
function isEnded(pod: JsonObject, nowMs: number): boolean {
  const phase = text(struct(pod, 'status'), 'phase');
  if (phase === 'Failed' || phase === 'Succeeded') return true;
  const metadata = struct(pod, 'metadata');
  const graceSeconds = number(metadata, 'deletionGracePeriodSeconds');
  if (!has(metadata, 'deletionTimestamp') || graceSeconds === undefined) return false;
  return nowMs > Date.parse(text(metadata, 'deletionTimestamp')) + graceSeconds * 1000;
}

/** What resources of a container or Pod count as, by the names of quotas. */
function computeUsage(requests: Quantities, limits: Quantities): Quantities {
  const result = new Map<string, Quantity>([['pods', one]]);
  for (const [name, amount] of requests) {
    const isBase = name === 'cpu' || name === 'memory' || name === 'ephemeral-storage';
    const isHuge = name.startsWith('hugepages-');
    if (isBase || isHuge) result.set(name, amount);
    if (isBase || isHuge || name.includes('/')) result.set(`requests.${name}`, amount);
  }
  for (const name of ['cpu', 'memory', 'ephemeral-storage']) {
    const amount = limits.get(name);
    if (amount !== undefined) result.set(`limits.${name}`, amount);
  }
  return result;
}

function podUsage(pod: JsonObject): Quantities {
  const spec = struct(pod, 'spec');
  const options = { withOverhead: true };
  return computeUsage(podQuantities(spec, 'requests', options), podQuantities(spec, 'limits', options));
}

function serviceUsage(spec: JsonObject): Quantities {
  const type = text(spec, 'type');
  const ports = structs(spec, 'ports');
  const isBalanced = type === 'LoadBalancer';
  const isSuppressed = isBalanced && spec.allocateLoadBalancerNodePorts === false;
  const counted = isSuppressed ? ports.filter((port) => (number(port, 'nodePort') ?? 0) !== 0) : ports;
  return new Map([
    ['services', one],
    ['services.loadbalancers', isBalanced ? one : zero],
    ['services.nodeports', isBalanced || type === 'NodePort' ? countQuantity(counted.length) : zero],
  ]);
}

function claimUsage(claim: JsonObject): Quantities {
  const result = new Map<string, Quantity>([['persistentvolumeclaims', one]]);
  const storageClass = storageClassOf(claim);
  const asked = quantitiesAt(struct(struct(claim, 'spec'), 'resources'), 'requests').get('storage');
  if (asked !== undefined) {
    // Claims are counted in whole bytes.
    result.set('requests.storage', { nano: quantityValue(asked) * 1_000_000_000n, format: asked.format });
  }
  if (storageClass === '') return result;
  const named = [...result].map(([name, amount]): [string, Quantity] => [
    `${storageClass}${storageClassSuffix}${name}`,
    amount,
  ]);
  return new Map([...result, ...named]);
}

/** Whether a quota counts an object of a kind at all, by the objects that its scopes name. */
export function isInScope(kind: CountedKind, object: JsonObject, quota: JsonObject): boolean {
  const spec = struct(quota, 'spec');
  const selectors = [
    ...texts(spec, 'scopes').map(
      (scope): LabelRequirement => ({ key: scope, operator: 'Exists', values: [] }),
    ),
    ...structs(struct(spec, 'scopeSelector'), 'matchExpressions').map(
      (expression): LabelRequirement => ({
        key: text(expression, 'scopeName'),
        operator: text(expression, 'operator'),
        values: texts(expression, 'values'),
      }),
    ),
  ];
  return selectors.every((selector) => {
    if (kind.group !== '') return false;
    if (kind.plural === 'pods') return isPodInScope(struct(object, 'spec'), selector);
    return kind.plural === 'persistentvolumeclaims' && isClaimInScope(object, selector);
  });
}

function isPodInScope(spec: JsonObject, selector: LabelRequirement): boolean {
  const deadline = number(spec, 'activeDeadlineSeconds');
  const isTerminating = deadline !== undefined && deadline >= 0;
  const priorityClass = text(spec, 'priorityClassName');
  switch (selector.key) {
    case 'Terminating':
      return isTerminating;
    case 'NotTerminating':
      return !isTerminating;
    case 'BestEffort':
      return qosClass(spec) === 'BestEffort';
    case 'NotBestEffort':
      return qosClass(spec) !== 'BestEffort';
    case 'PriorityClass':
      return meetsRequirement(selector, priorityClass === '' ? {} : { PriorityClass: priorityClass });
    case 'CrossNamespacePodAffinity':
      return hasForeignAffinity(struct(spec, 'affinity'));
    default:
      return false;
  }
}

function isClaimInScope(claim: JsonObject, selector: LabelRequirement): boolean {
  if (selector.key !== 'VolumeAttributesClass') return false;
  const name = text(struct(claim, 'spec'), 'volumeAttributesClassName');
  return meetsRequirement(selector, name === '' ? {} : { VolumeAttributesClass: name });
}

function hasForeignAffinity(affinity: JsonObject): boolean {
  return ['podAffinity', 'podAntiAffinity'].some((key) => {
    const rules = struct(affinity, key);
    const terms = [
      ...structs(rules, 'requiredDuringSchedulingIgnoredDuringExecution'),
      ...structs(rules, 'preferredDuringSchedulingIgnoredDuringExecution').map((term) =>
        struct(term, 'podAffinityTerm'),
      ),
    ];
    return terms.some((term) => texts(term, 'namespaces').length > 0 || has(term, 'namespaceSelector'));
  });
}

/** Of which resources a quota demands an amount from every container. */
const demanded = new Set(['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']);

/** `limits.cpu for: a,b; limits.memory for: a`: what a Pod must say and does not; empty when it lacks nothing. */
export function missingAmounts(spec: JsonObject, resources: readonly string[]): string {
  const own = struct(spec, 'resources');
  if (Object.keys(struct(own, 'requests')).length + Object.keys(struct(own, 'limits')).length > 0) return '';
  const containers = [...structs(spec, 'containers'), ...structs(spec, 'initContainers')];
  return resources
    .filter((name) => demanded.has(name))
    .sort()
    .flatMap((name) => {
      const lacking = containers.filter((container) => {
        const given = struct(container, 'resources');
        return !computeUsage(quantitiesAt(given, 'requests'), quantitiesAt(given, 'limits')).has(name);
      });
      const names = [...new Set(lacking.map((container) => text(container, 'name')))].sort();
      return names.length === 0 ? [] : [`${name} for: ${names.join(',')}`];
    })
    .join('; ');
}

/** Whether a change of an object can change what is used, so that quotas are counted again. */
export function freesUsage(kind: CountedKind, before: JsonObject, after: JsonObject | undefined): boolean {
  if (after === undefined) return true;
  if (kind.group !== '') return false;
  if (kind.plural === 'pods') return !isEnded(before, 0) && isEnded(after, 0);
  if (kind.plural !== 'services') return false;
  const [was, now] = [struct(before, 'spec'), struct(after, 'spec')];
  return (
    text(was, 'type') !== text(now, 'type') ||
    structs(was, 'ports').length !== structs(now, 'ports').length ||
    flag(was, 'allocateLoadBalancerNodePorts') !== flag(now, 'allocateLoadBalancerNodePorts')
  );
}

/**
 * What is used in a namespace of what a quota limits, resources that nothing can use left out.
 *
 * @param kinds every kind that can be counted, with the objects of the namespace.
 */
export function usedOf(
  quota: JsonObject,
  kinds: readonly CountedKind[],
  objectsOf: (kind: CountedKind) => Iterable<JsonObject>,
  nowMs: number,
): Quantities {
  const names = Object.keys(struct(struct(quota, 'spec'), 'hard'));
  let used: Quantities = new Map();
  for (const kind of kinds) {
    const usable = usableResources(kind, names);
    if (usable.length === 0) continue;
    used = sumQuantities(new Map(usable.map((name) => [name, zero])), used);
    for (const object of objectsOf(kind)) {
      if (!isInScope(kind, object, quota)) continue;
      const usage = usageOf(kind, object, nowMs);
      used = sumQuantities(used, new Map([...usage].filter(([name]) => usable.includes(name))));
    }
  }
  return used;
}
