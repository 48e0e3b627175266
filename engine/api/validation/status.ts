/**
 * What a write to the status of a built-in kind may say. Source: pkg/apis/apps/validation and pkg/apis/core/validation, the
 * Validate…StatusUpdate functions.
 *
 * Left out: conditions' types, addresses and allocated resources in the status of Pods, which only kubelets write.
 */
import type { JsonObject } from '../../base/json.ts';
import { forbidden, invalid } from '../field-errors.ts';
import { has, number, struct, structs, text } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { validateNonnegative } from './fields.ts';
import { checkDns1123Subdomain } from './names.ts';

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
  if (resource === 'services') return validateLoadBalancerStatus(object);
  return resource === 'pods' ? validatePodStatus(object, old) : [];
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

function validateLoadBalancerStatus(service: JsonObject): FieldError[] {
  const path = 'status.loadBalancer.ingress';
  const ingress = structs(struct(struct(service, 'status'), 'loadBalancer'), 'ingress');
  if (ingress.length > 0 && text(struct(service, 'spec'), 'type') !== 'LoadBalancer') {
    return [forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")];
  }
  return ingress.flatMap((item, index) => {
    const hostname = text(item, 'hostname');
    const isAlone = has(item, 'ipMode') && text(item, 'ip') === '';
    return [
      ...(isAlone
        ? [forbidden(`${path}[${index}].ipMode`, 'may not be specified when `ip` is not set')]
        : []),
      ...(hostname === '' ? [] : checkDns1123Subdomain(hostname)).map((problem) =>
        invalid(`${path}[${index}].hostname`, hostname, problem),
      ),
    ];
  });
}

function validatePodStatus(pod: JsonObject, old: JsonObject): FieldError[] {
  const status = struct(pod, 'status');
  const before = struct(old, 'status');
  const nominated = text(status, 'nominatedNodeName');
  const isNominatedAnew = nominated !== '' && nominated !== text(before, 'nominatedNodeName');
  const generation = number(status, 'observedGeneration') ?? 0;
  const qosClass = text(status, 'qosClass');
  const spec = struct(old, 'spec');
  return [
    ...(isNominatedAnew ? checkDns1123Subdomain(nominated) : []).map((problem) =>
      invalid('status.nominatedNodeName', nominated, problem),
    ),
    ...(isNominatedAnew && text(spec, 'nodeName') !== ''
      ? [forbidden('status.nominatedNodeName', 'may not be set on pods that are already bound to a node')]
      : []),
    ...(generation < 0
      ? [invalid('status.observedGeneration', generation, 'must be a non-negative integer')]
      : []),
    ...(qosClass === '' || qosClass === text(before, 'qosClass')
      ? []
      : [invalid('status.qosClass', qosClass, 'field is immutable')]),
    ...validateStates(status, before, text(spec, 'restartPolicy')),
  ];
}

/** A container that has ended for good stays so. */
function validateStates(status: JsonObject, before: JsonObject, restartPolicy: string): FieldError[] {
  if (restartPolicy !== 'Never' && restartPolicy !== 'OnFailure') return [];
  const now = structs(status, 'containerStatuses');
  return structs(before, 'containerStatuses').flatMap((old, index) => {
    const state = struct(old, 'state');
    if (!has(state, 'terminated')) return [];
    const mayRestart = restartPolicy === 'OnFailure' && number(struct(state, 'terminated'), 'exitCode') !== 0;
    const next = now.find((container) => text(container, 'name') === text(old, 'name'));
    if (mayRestart || next === undefined || has(struct(next, 'state'), 'terminated')) return [];
    return [
      forbidden(
        `status.containerStatuses[${index}].state`,
        'may not be transitioned to non-terminated state',
      ),
    ];
  });
}
