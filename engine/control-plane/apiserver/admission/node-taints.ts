/**
 * Keeps Pods off a new node until it is ready. Source: plugin/pkg/admission/nodetaint.
 *
 * Differs: a node that is registered ready does not get the taint, which its lifecycle controller would take away at once.
 */
import type { JsonObject } from '../../../base/json.ts';
import { ok } from '../../../base/result.ts';
import { objectsAt, stringAt, withSpec } from '../object-access.ts';
import type { Outcome } from '../refusals.ts';
import type { Call } from '../server-context.ts';

const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

/** Adds the taint to a new node. */
export function addNotReadyTaint(call: Call, node: JsonObject): Outcome<JsonObject> {
  if (call.kind.group !== '' || call.kind.plural !== 'nodes' || call.subresource !== '') return ok(node);
  const isReady = objectsAt(node, 'status', 'conditions').some(
    (condition) => stringAt(condition, 'type') === 'Ready' && stringAt(condition, 'status') === 'True',
  );
  const taints = objectsAt(node, 'spec', 'taints');
  const isTainted = taints.some(
    (taint) => stringAt(taint, 'key') === notReady.key && stringAt(taint, 'effect') === notReady.effect,
  );
  return ok(isReady || isTainted ? node : withSpec(node, { taints: [...taints, notReady] }));
}
