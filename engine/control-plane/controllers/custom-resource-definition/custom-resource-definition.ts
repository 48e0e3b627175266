/**
 * What makes a definition be served, and takes its objects away with it. It stands for the controllers of
 * apiextensions-apiserver: naming, establishing, API approval and the finalizer (pkg/controller/status, establish,
 * apiapproval, finalizer). Each of them writes for itself; here one write says what all found.
 */

import { approvalOf, isProtectedGroup } from '../../../api/custom/api-approval.ts';
import {
  cleanupFinalizer,
  customResourceDefinitions,
  isConditionTrue,
  resourceOfDefinition,
} from '../../../api/custom/definition.ts';
import { asJson, struct, structs, text } from '../../../api/read.ts';
import type { KubeObject } from '../../../api/types/wire.ts';
import { type JsonObject, jsonEqual } from '../../../base/json.ts';
import type { ControllerContext, ReconcileOutcome } from '../../../client/client.ts';
import { acceptNames, type ConditionDraft } from './accepted-names.ts';

/** Objects that other finalizers hold back are looked at again after this time. */
const recheckMs = 5000;

/** Starts the controller. */
export function createCustomResourceDefinitionController(context: ControllerContext): void {
  const informer = context.informers.informer(customResourceDefinitions);
  const queue = context.workqueue('custom-resource-definition', (key) => reconcile(key));

  informer.onChange(({ before, after }) => {
    const changed = after ?? before;
    if (changed === undefined) return;
    queue.add(changed.metadata.name);
    // Names that become free may be what another definition of the group waits for.
    for (const other of groupOf(changed)) if (other !== changed) queue.add(other.metadata.name);
  });

  function groupOf(definition: KubeObject): readonly KubeObject[] {
    const group = text(struct(asJson(definition), 'spec'), 'group');
    return informer.list().filter((other) => text(struct(asJson(other), 'spec'), 'group') === group);
  }

  function reconcile(name: string): ReconcileOutcome {
    const definition = informer.get('', name);
    if (definition === undefined) return 'done';
    if (definition.metadata.deletionTimestamp !== undefined) return cleanUp(definition);
    const others = groupOf(definition).filter((other) => other.metadata.name !== name);
    const { names, condition } = acceptNames(asJson(definition), others.map(asJson));
    const drafts = [condition, establishment(asJson(definition), condition), ...approval(definition)];
    return writeStatus(definition, { acceptedNames: names }, drafts);
  }

  function cleanUp(definition: KubeObject): ReconcileOutcome {
    if (!(definition.metadata.finalizers ?? []).includes(cleanupFinalizer)) return 'done';
    const resource = resourceOfDefinition(definition);
    const left = resource === undefined ? [] : context.client.list(resource);
    if (resource !== undefined && left.length > 0) {
      const progress = terminating(
        'True',
        'InstanceDeletionInProgress',
        'CustomResource deletion is in progress',
      );
      writeStatus(definition, {}, [progress]);
      for (const { metadata } of left) {
        if (metadata.deletionTimestamp === undefined) {
          context.client.delete(resource, metadata.namespace ?? '', metadata.name);
        }
      }
      if (context.client.list(resource).length > 0) return { requeueAfterMs: recheckMs, background: true };
    }
    const current = informer.get('', definition.metadata.name) ?? definition;
    const done =
      resource === undefined
        ? terminating('False', 'NeverEstablished', 'resource was never established')
        : terminating('False', 'InstanceDeletionCompleted', 'removed all instances');
    writeStatus(current, {}, [done]);
    const latest = informer.get('', definition.metadata.name) ?? current;
    const finalizers = (latest.metadata.finalizers ?? []).filter((name) => name !== cleanupFinalizer);
    const answer = context.client.mergePatch(customResourceDefinitions, '', latest.metadata.name, {
      metadata: { finalizers: finalizers.length === 0 ? null : finalizers },
    });
    return answer.ok || answer.error.code === 404 ? 'done' : 'retry';
  }

  function writeStatus(
    definition: KubeObject,
    fields: JsonObject,
    drafts: readonly ConditionDraft[],
  ): ReconcileOutcome {
    const status = struct(asJson(definition), 'status');
    const conditions = drafts.reduce(
      (known, draft) => withCondition(known, draft, context.nowTimestamp()),
      structs(status, 'conditions'),
    );
    const changed = { ...status, ...fields, conditions };
    if (jsonEqual(changed, status)) return 'done';
    const object = { ...asJson(definition), status: changed };
    const answer = context.client.updateStatus(customResourceDefinitions, object);
    return answer.ok || answer.error.code === 404 || answer.error.code === 409 ? 'done' : 'retry';
  }
}

function establishment(definition: JsonObject, names: ConditionDraft): ConditionDraft {
  if (isConditionTrue(definition, 'Established') || names.status === 'True') {
    const message = 'the initial names have been accepted';
    return { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message };
  }
  const message = 'not all names are accepted';
  return { type: 'Established', status: 'False', reason: 'NotAccepted', message };
}

function approval(definition: KubeObject): readonly ConditionDraft[] {
  if (!isProtectedGroup(text(struct(asJson(definition), 'spec'), 'group'))) return [];
  const { state, reason } = approvalOf(asJson(definition));
  const status = state === 'Approved' ? 'True' : 'False';
  return [
    { type: 'KubernetesAPIApprovalPolicyConformant', status, reason: `${state}Annotation`, message: reason },
  ];
}

function terminating(status: ConditionDraft['status'], reason: string, message: string): ConditionDraft {
  return { type: 'Terminating', status, reason, message };
}

/** The conditions with one changed in its place, or added; its time moves with its status only. */
function withCondition(
  conditions: readonly JsonObject[],
  draft: ConditionDraft,
  now: string,
): readonly JsonObject[] {
  const before = conditions.find((condition) => text(condition, 'type') === draft.type);
  const isSame = before !== undefined && text(before, 'status') === draft.status;
  const after: JsonObject = {
    lastTransitionTime: isSame ? text(before, 'lastTransitionTime') : now,
    message: draft.message,
    reason: draft.reason,
    status: draft.status,
    type: draft.type,
  };
  return before === undefined
    ? [...conditions, after]
    : conditions.map((condition) => (condition === before ? after : condition));
}
