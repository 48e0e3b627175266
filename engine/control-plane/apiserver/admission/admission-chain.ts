/**
 * Admission: first the plugins that complete an object, then, once it is valid, those that may refuse it. The order is that
 * of kube-apiserver. Source: pkg/kubeapiserver/options/plugins.go (AllOrderedPlugins).
 */
import type { JsonObject } from '../../../base/json.ts';
import { ok } from '../../../base/result.ts';
import type { StoredObject } from '../../store/store.ts';
import type { Outcome } from '../refusals.ts';
import type { Call } from '../server-context.ts';
import { addRequestor } from './certificate-requestor.ts';
import { addDefaultIngressClass } from './default-ingress-class.ts';
import { addDefaultStorageClass } from './default-storage-class.ts';
import { addDefaultTolerations } from './default-toleration-seconds.ts';
import { addLimitDefaults, checkLimits, checkLimitsOfChange } from './limit-ranger.ts';
import { checkNamespaceForCreate, checkNamespaceForDelete } from './namespace-lifecycle.ts';
import { addNotReadyTaint } from './node-taints.ts';
import { checkPodSecurity } from './pod-security.ts';
import { keepPriority, resolvePriority } from './priority.ts';
import { chargeCreate, chargeUpdate } from './resource-quota.ts';
import { checkOverhead, findRuntimeClass } from './runtime-class.ts';
import { addServiceAccount } from './service-account.ts';
import { protectStorage } from './storage-protection.ts';

/** One admission plugin: what it has to say at which point. */
interface AdmissionPlugin {
  /** Completes an object that is created; runs before validation. */
  readonly mutateCreate?: (call: Call, object: JsonObject) => Outcome<JsonObject>;
  readonly mutateUpdate?: (call: Call, object: JsonObject, before: StoredObject) => Outcome<JsonObject>;
  /** Refuses a valid object. */
  readonly admitCreate?: (call: Call, object: JsonObject) => Outcome<true>;
  readonly admitUpdate?: (call: Call, object: JsonObject, before: StoredObject) => Outcome<true>;
  readonly admitDelete?: (call: Call, before: StoredObject) => Outcome<true>;
}

const plugins: readonly AdmissionPlugin[] = [
  { mutateCreate: checkNamespaceForCreate, admitDelete: checkNamespaceForDelete },
  { mutateCreate: addLimitDefaults, admitCreate: checkLimits, admitUpdate: checkLimitsOfChange },
  { mutateCreate: addServiceAccount },
  { mutateCreate: addNotReadyTaint },
  { admitCreate: checkPodSecurity, admitUpdate: checkPodSecurity },
  { mutateCreate: resolvePriority, mutateUpdate: keepPriority },
  { mutateCreate: addDefaultTolerations, mutateUpdate: addDefaultTolerations },
  { mutateCreate: addRequestor },
  { mutateCreate: addDefaultStorageClass },
  { mutateCreate: protectStorage },
  { mutateCreate: findRuntimeClass, admitCreate: checkOverhead },
  { mutateCreate: addDefaultIngressClass },
  { admitCreate: chargeCreate, admitUpdate: chargeUpdate },
];

/** Lets every plugin complete an object that is to be created. */
export function mutateCreate(call: Call, object: JsonObject): Outcome<JsonObject> {
  return inTurn(object, (plugin, current) => plugin.mutateCreate?.(call, current));
}

/** Lets every plugin complete an object that is to replace another. */
export function mutateUpdate(call: Call, object: JsonObject, before: StoredObject): Outcome<JsonObject> {
  return inTurn(object, (plugin, current) => plugin.mutateUpdate?.(call, current, before));
}

/** Asks every plugin whether a valid object may be created. */
export function admitCreate(call: Call, object: JsonObject): Outcome<true> {
  return unlessRefused((plugin) => plugin.admitCreate?.(call, object));
}

/** Asks every plugin whether a valid object may replace another. */
export function admitUpdate(call: Call, object: JsonObject, before: StoredObject): Outcome<true> {
  return unlessRefused((plugin) => plugin.admitUpdate?.(call, object, before));
}

/** Asks every plugin whether an object may be deleted. */
export function admitDelete(call: Call, before: StoredObject): Outcome<true> {
  return unlessRefused((plugin) => plugin.admitDelete?.(call, before));
}

function inTurn(
  object: JsonObject,
  step: (plugin: AdmissionPlugin, current: JsonObject) => Outcome<JsonObject> | undefined,
): Outcome<JsonObject> {
  let current = object;
  for (const plugin of plugins) {
    const outcome = step(plugin, current);
    if (outcome === undefined) continue;
    if (!outcome.ok) return outcome;
    current = outcome.value;
  }
  return ok(current);
}

function unlessRefused(step: (plugin: AdmissionPlugin) => Outcome<true> | undefined): Outcome<true> {
  for (const plugin of plugins) {
    const outcome = step(plugin);
    if (outcome !== undefined && !outcome.ok) return outcome;
  }
  return ok(true);
}
