/**
 * What a write to the status of a built-in kind may say. Source: pkg/apis/apps/validation and pkg/apis/core/validation, the
 * Validate…StatusUpdate functions.
 */
import type { JsonObject } from '../../base/json.ts';
import { duplicate, forbidden, invalid } from '../field-errors.ts';
import { parseQuantity } from '../quantity.ts';
import { has, number, struct, structs, text, textMap } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { validateNonnegative, validateOptionalChoice } from './fields.ts';
import { isAddressText, validateLegacyAddress } from './ip.ts';
import { validateJobStatus } from './job-status.ts';
import { checkDns1123Subdomain } from './names.ts';
import { validatePodStatus } from './pod-status.ts';
import { validateResourceQuotaStatus } from './resource-quota.ts';
import { validateQuantity } from './resources.ts';

/** The counters of a kind's status. */
interface Counters {
  /** None is below zero. */
  readonly nonnegative: readonly string[];
  /** None is above status.replicas. */
  readonly atMostReplicas: readonly string[];
  /** How the message names readyReplicas, which availableReplicas must not exceed. */
  readonly readyName?: string;
  /** Whether collisionCount may only grow. */
  readonly hasGrowingCollisions: boolean;
}

const replicaSet: Counters = {
  nonnegative: [
    'replicas',
    'fullyLabeledReplicas',
    'readyReplicas',
    'availableReplicas',
    'observedGeneration',
    'terminatingReplicas',
  ],
  atMostReplicas: ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'],
  readyName: 'readyReplicas',
  hasGrowingCollisions: false,
};

const counters: ReadonlyMap<string, Counters> = new Map([
  ['replicationcontrollers', replicaSet],
  ['replicasets.apps', replicaSet],
  [
    'deployments.apps',
    {
      nonnegative: [
        'observedGeneration',
        'replicas',
        'updatedReplicas',
        'readyReplicas',
        'availableReplicas',
        'unavailableReplicas',
        'terminatingReplicas',
        'collisionCount',
      ],
      atMostReplicas: ['updatedReplicas', 'readyReplicas', 'availableReplicas'],
      readyName: 'readyReplicas',
      hasGrowingCollisions: true,
    },
  ],
  [
    'statefulsets.apps',
    {
      nonnegative: [
        'replicas',
        'readyReplicas',
        'currentReplicas',
        'updatedReplicas',
        'availableReplicas',
        'observedGeneration',
        'collisionCount',
      ],
      atMostReplicas: ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'],
      readyName: 'status.readyReplicas',
      hasGrowingCollisions: true,
    },
  ],
  [
    'daemonsets.apps',
    {
      nonnegative: [
        'currentNumberScheduled',
        'numberMisscheduled',
        'desiredNumberScheduled',
        'numberReady',
        'observedGeneration',
        'updatedNumberScheduled',
        'numberAvailable',
        'numberUnavailable',
        'collisionCount',
      ],
      atMostReplicas: [],
      hasGrowingCollisions: true,
    },
  ],
]);

/** The problems of a status that is written over another. @param resource `pods`, `deployments.apps` */
export function validateStatusUpdate(resource: string, object: JsonObject, old: JsonObject): FieldError[] {
  const known = counters.get(resource);
  if (known !== undefined) return validateCounters(known, struct(object, 'status'), struct(old, 'status'));
  return others.get(resource)?.(object, old) ?? [];
}

const others: ReadonlyMap<string, (object: JsonObject, old: JsonObject) => FieldError[]> = new Map([
  ['pods', validatePodStatus],
  ['jobs.batch', validateJobStatus],
  ['services', validateServiceStatus],
  ['ingresses.networking.k8s.io', (ingress) => validateLoadBalancer(ingress)],
  ['nodes', validateNodeStatus],
  ['namespaces', validateNamespaceStatus],
  ['persistentvolumeclaims', validateClaimStatus],
  ['poddisruptionbudgets.policy', validateBudgetStatus],
  ['resourcequotas', validateResourceQuotaStatus],
  [
    'horizontalpodautoscalers.autoscaling',
    (autoscaler) =>
      ['currentReplicas', 'desiredReplicas'].flatMap((key) =>
        validateNonnegative('status', struct(autoscaler, 'status'), key),
      ),
  ],
]);

function validateBudgetStatus(budget: JsonObject): FieldError[] {
  const status = struct(budget, 'status');
  return ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'].flatMap((key) =>
    validateNonnegative('status', status, key),
  );
}

/** A phase follows from whether the Namespace is being deleted. */
function validateNamespaceStatus(namespace: JsonObject): FieldError[] {
  const phase = text(struct(namespace, 'status'), 'phase');
  const wanted = has(struct(namespace, 'metadata'), 'deletionTimestamp') ? 'Terminating' : 'Active';
  if (phase === wanted) return [];
  const detail = `may only be '${wanted}' if \`deletionTimestamp\` is ${wanted === 'Active' ? '' : 'not '}empty`;
  return [invalid('status.Phase', phase, detail)];
}

function validateNodeStatus(node: JsonObject): FieldError[] {
  const status = struct(node, 'status');
  const seen = new Set<string>();
  const addresses = structs(status, 'addresses').flatMap((address, index) => {
    const named = { Type: text(address, 'type'), Address: text(address, 'address') };
    const key = JSON.stringify(named);
    if (seen.has(key)) return [duplicate(`status.addresses[${index}]`, named)];
    seen.add(key);
    return [];
  });
  const amounts = ['capacity', 'allocatable'].flatMap((key) =>
    [...textMap(status, key)].flatMap(([name, value]) =>
      validateQuantity(`status.${key}.${name}`, name, value),
    ),
  );
  return [...addresses, ...amounts];
}

function validateClaimStatus(claim: JsonObject): FieldError[] {
  return [...textMap(struct(claim, 'status'), 'capacity')].flatMap(([name, value]) => {
    const amount = parseQuantity(value);
    if (!amount.ok || amount.value.nano >= 0n) return [];
    const whole = Number(amount.value.nano / 1_000_000_000n);
    return [invalid(`status.capacity[${name}]`, whole, 'must be a valid resource quantity')];
  });
}

function validateCounters(known: Counters, status: JsonObject, old: JsonObject): FieldError[] {
  const count = (key: string) => number(status, key) ?? 0;
  const tooMany = (key: string, limit: string, name: string) =>
    count(key) > count(limit) ? [invalid(`status.${key}`, count(key), `cannot be greater than ${name}`)] : [];
  const isFewer =
    known.hasGrowingCollisions &&
    has(old, 'collisionCount') &&
    count('collisionCount') < (number(old, 'collisionCount') ?? 0);
  return [
    ...known.nonnegative.flatMap((key) => validateNonnegative('status', status, key)),
    ...known.atMostReplicas.flatMap((key) => tooMany(key, 'replicas', 'status.replicas')),
    ...(known.readyName === undefined ? [] : tooMany('availableReplicas', 'readyReplicas', known.readyName)),
    ...(isFewer ? [invalid('status.collisionCount', count('collisionCount'), 'cannot be decremented')] : []),
  ];
}

function validateServiceStatus(service: JsonObject): FieldError[] {
  const ingress = structs(struct(struct(service, 'status'), 'loadBalancer'), 'ingress');
  if (ingress.length > 0 && text(struct(service, 'spec'), 'type') !== 'LoadBalancer') {
    return [forbidden(ingressPath, "may only be used when `spec.type` is 'LoadBalancer'")];
  }
  const modes = ingress.flatMap((item, index) => {
    const path = `${ingressPath}[${index}].ipMode`;
    if (!has(item, 'ipMode')) return [];
    if (text(item, 'ip') === '') return [forbidden(path, 'may not be specified when `ip` is not set')];
    return validateOptionalChoice(`${ingressPath}[${index}]`, item, 'ipMode', ['Proxy', 'VIP']);
  });
  return [...validateLoadBalancer(service), ...modes];
}

const ingressPath = 'status.loadBalancer.ingress';

/** Source: ValidateLoadBalancerStatus, and ValidateIngressLoadBalancerStatus, which has the same rules. */
function validateLoadBalancer(object: JsonObject): FieldError[] {
  return structs(struct(struct(object, 'status'), 'loadBalancer'), 'ingress').flatMap((item, index) => {
    const [address, hostname] = [text(item, 'ip'), text(item, 'hostname')];
    const path = `${ingressPath}[${index}]`;
    return [
      ...(address === '' ? [] : validateLegacyAddress(`${path}.ip`, address)),
      ...(hostname === '' ? [] : validateHostname(`${path}.hostname`, hostname)),
    ];
  });
}

function validateHostname(path: string, hostname: string): FieldError[] {
  const problems = checkDns1123Subdomain(hostname).map((problem) => invalid(path, hostname, problem));
  if (!isAddressText(hostname)) return problems;
  return [...problems, invalid(path, hostname, 'must be a DNS name, not an IP address')];
}
