/**
 * Refuses Pods that name a RuntimeClass: the kind is not served, so that there is none. Source:
 * plugin/pkg/admission/runtimeclass.
 */
import { isJsonObject, type JsonObject } from '../../../base/json.ts';
import { err, ok } from '../../../base/result.ts';
import { nameOf, valueAt } from '../object-access.ts';
import { forbidden, type Outcome, plainError } from '../refusals.ts';
import type { Call } from '../server-context.ts';
import { isPodCall } from './service-account.ts';

/** Refuses a new Pod whose class is not there. */
export function findRuntimeClass(call: Call, pod: JsonObject): Outcome<JsonObject> {
  const name = valueAt(pod, 'spec', 'runtimeClassName');
  if (!isPodCall(call) || typeof name !== 'string') return ok(pod);
  if (name === '') return err(plainError(500, 'resource name may not be empty'));
  const why = `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`;
  return err(forbidden(call.kind, nameOf(pod), why));
}

/** Refuses a new Pod that says itself what running it costs beside its containers: only a class may. */
export function checkOverhead(call: Call, pod: JsonObject): Outcome<true> {
  if (!isPodCall(call) || !isJsonObject(valueAt(pod, 'spec', 'overhead'))) return ok(true);
  const why = 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead';
  return err(forbidden(call.kind, nameOf(pod), why));
}
