/**
 * What is done to a Pod besides writing it: binding it to a node. Source: pkg/registry/core/pod/storage/storage.go,
 * BindingREST.
 */
import type { JsonObject } from '../../base/json.ts';
import { err, ok } from '../../base/result.ts';
import { admitUpdate } from './admission/admission-chain.ts';
import { readBody } from './decode-body.ts';
import { nameOf, objectAt, objectsAt, stringAt, withKeys, withSpec } from './object-access.ts';
import { badRequest, conflict, invalid, notFound, type Outcome, success } from './refusals.ts';
import { type Call, storedObject, timestamp } from './server-context.ts';
import { writeUpdate } from './update.ts';

/** Binds a Pod to the node that the Binding in the body names. */
export function bindPod(call: Call): Outcome<{ readonly code: number; readonly body: JsonObject }> {
  const body = readBody(call);
  if (!body.ok) return body;
  const binding = body.value.object;
  const mismatch = nameMismatch(call, 'Binding', binding);
  if (mismatch !== undefined) return mismatch;
  const problems = bindingProblems(binding);
  if (problems.length > 0) return err(invalid('', 'Binding', call.name, problems));
  const pod = storedObject(call);
  if (pod === undefined) return err(notFound({ ...call.kind, plural: 'pods/binding' }, call.name));
  const nodeName = stringAt(binding, 'target', 'name');
  const bound = stringAt(pod, 'spec', 'nodeName');
  const why =
    pod.metadata.deletionTimestamp !== undefined
      ? `pod ${call.name} is being deleted, cannot be assigned to a host`
      : bound !== ''
        ? `pod ${call.name} is already assigned to node ${JSON.stringify(bound)}`
        : undefined;
  if (why !== undefined) return err(conflict({ ...call.kind, plural: 'pods/binding' }, call.name, why));
  const scheduled = withScheduledCondition(withSpec(pod, { nodeName }), call.server.queue.now());
  const admitted = admitUpdate(call, scheduled, pod);
  if (!admitted.ok) return admitted;
  const stored = writeUpdate(call, scheduled, pod);
  return stored.ok ? ok(success(undefined, 201)) : stored;
}

/** Why the object in a body is not about the Pod of the path. */
export function nameMismatch(
  call: Call,
  kind: 'Binding' | 'Eviction',
  object: JsonObject,
): Outcome<never> | undefined {
  if (nameOf(object) === call.name) return undefined;
  return err(badRequest(`name in URL does not match name in ${kind} object`));
}

function bindingProblems(binding: JsonObject) {
  const kind = stringAt(binding, 'target', 'kind');
  const problems = [];
  if (kind !== '' && kind !== 'Node') {
    problems.push({
      type: 'FieldValueNotSupported' as const,
      field: 'target.kind',
      message: `Unsupported value: ${JSON.stringify(kind)}: supported values: "Node", "<empty>"`,
    });
  }
  if (stringAt(binding, 'target', 'name') === '') {
    problems.push({
      type: 'FieldValueRequired' as const,
      field: 'target.name',
      message: 'Required value',
    });
  }
  return problems;
}

function withScheduledCondition(pod: JsonObject, nowMs: number): JsonObject {
  const status = objectAt(pod, 'status');
  const others = objectsAt(status, 'conditions').filter(
    (condition) => stringAt(condition, 'type') !== 'PodScheduled',
  );
  const condition = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: timestamp(nowMs),
  };
  const changed = { conditions: [...others, condition], nominatedNodeName: undefined };
  return withKeys(pod, { status: withKeys(status, changed) });
}
