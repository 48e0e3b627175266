/**
 * Resolves a Pod's priority class to its number. Source: plugin/pkg/admission/priority.
 */
import type { JsonObject } from '../../../base/json.ts';
import { err, ok } from '../../../base/result.ts';
import { type StoredObject, storeKey } from '../../store/store.ts';
import { nameOf, numberAt, objectAt, stringAt, valueAt, withSpec } from '../object-access.ts';
import { forbidden, type Outcome } from '../refusals.ts';
import type { Call } from '../server-context.ts';
import { isPodCall } from './service-account.ts';

/** The classes that every cluster has. Source: pkg/apis/scheduling/v1/helpers.go. */
const systemClasses = new Map([
  ['system-node-critical', 2_000_001_000],
  ['system-cluster-critical', 2_000_000_000],
]);

/** Sets priority and preemptionPolicy of a Pod. */
export function resolvePriority(call: Call, pod: JsonObject): Outcome<JsonObject> {
  if (!isPodCall(call)) return ok(pod);
  const className = stringAt(pod, 'spec', 'priorityClassName');
  const named = className === '' ? defaultPriority : priorityOfClass(call, className);
  if (named === undefined) {
    return err(forbidden(call.kind, nameOf(pod), `no PriorityClass with name ${className} was found`));
  }
  const given = numberAt(pod, 'spec', 'priority');
  if (given !== undefined && given !== named.priority) {
    const why = `the integer value of priority (${given}) must not be provided in pod spec; priority admission controller computed ${named.priority} from the given PriorityClass name`;
    return err(forbidden(call.kind, nameOf(pod), why));
  }
  const policy = valueAt(pod, 'spec', 'preemptionPolicy');
  if (typeof policy === 'string' && policy !== named.preemptionPolicy) {
    const why = `the string value of PreemptionPolicy (${policy}) must not be provided in pod spec; priority admission controller computed ${named.preemptionPolicy} from the given PriorityClass name`;
    return err(forbidden(call.kind, nameOf(pod), why));
  }
  return ok(withSpec(pod, { priority: named.priority, preemptionPolicy: named.preemptionPolicy }));
}

/** A change leaves a Pod the priority that it was created with. */
export function keepPriority(call: Call, pod: JsonObject, before: StoredObject): Outcome<JsonObject> {
  if (!isPodCall(call)) return ok(pod);
  const spec = objectAt(pod, 'spec');
  const old = objectAt(before, 'spec');
  const kept = ['priority', 'preemptionPolicy'].filter(
    (key) => spec[key] === undefined && old[key] !== undefined,
  );
  return ok(kept.length === 0 ? pod : withSpec(pod, Object.fromEntries(kept.map((key) => [key, old[key]]))));
}

interface Priority {
  readonly priority: number;
  readonly preemptionPolicy: string;
}

const defaultPriority: Priority = { priority: 0, preemptionPolicy: 'PreemptLowerPriority' };

function priorityOfClass(call: Call, className: string): Priority | undefined {
  const system = systemClasses.get(className);
  if (system !== undefined) return { priority: system, preemptionPolicy: 'PreemptLowerPriority' };
  const stored = call.server.store.get(storeKey('scheduling.k8s.io', 'priorityclasses', '', className));
  if (stored === undefined) return undefined;
  return {
    priority: numberAt(stored, 'value') ?? 0,
    preemptionPolicy: stringAt(stored, 'preemptionPolicy') || 'PreemptLowerPriority',
  };
}
