/**
 * Lets Pods stay five minutes on a node that is not ready or cannot be reached, unless they say otherwise. Source:
 * plugin/pkg/admission/defaulttolerationseconds.
 */
import type { JsonObject } from '../../../base/json.ts';
import { ok } from '../../../base/result.ts';
import { objectsAt, stringAt, withSpec } from '../object-access.ts';
import type { Outcome } from '../refusals.ts';
import type { Call } from '../server-context.ts';
import { isPodCall } from './service-account.ts';

const defaultSeconds = 300;
const taints = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/** Adds the two default tolerations to a Pod. */
export function addDefaultTolerations(call: Call, pod: JsonObject): Outcome<JsonObject> {
  if (!isPodCall(call)) return ok(pod);
  const tolerations = objectsAt(pod, 'spec', 'tolerations');
  const missing = taints.filter((taint) => !tolerations.some((toleration) => tolerates(toleration, taint)));
  if (missing.length === 0) return ok(pod);
  const added = missing.map((key) => ({
    effect: 'NoExecute',
    key,
    operator: 'Exists',
    tolerationSeconds: defaultSeconds,
  }));
  return ok(withSpec(pod, { tolerations: [...tolerations, ...added] }));
}

function tolerates(toleration: JsonObject, taint: string): boolean {
  const key = stringAt(toleration, 'key');
  const effect = stringAt(toleration, 'effect');
  return (key === taint || key === '') && (effect === 'NoExecute' || effect === '');
}
