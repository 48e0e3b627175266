/** Makes, mends and deletes the Pods of StatefulSets, with their events. Source: pkg/controller/statefulset/stateful_pod_control.go. */
import { controllerReference } from '../../../api/objects/owners.ts';
import type { ControllerRevision, Pod, StatefulSet } from '../../../api/types/kinds.ts';
import { pods } from '../../../api/types/resources.ts';
import type { ControllerContext, EventRecorder } from '../../../client/client.ts';
import { templateOf } from '../controller-history.ts';
import { isNamespaceTerminating } from '../pod-control.ts';
import { identityLabels, podName, podSpec, revisionLabel } from './identity.ts';
import type { VolumeClaims } from './volume-claims.ts';

/** Writes the Pods of StatefulSets. */
export interface StatefulPods {
  /** Makes the Pod with its claims; undefined when it could not be made. */
  create(set: StatefulSet, revision: ControllerRevision, ordinal: number): Pod | undefined;
  /** Gives a Pod back the labels of its identity. */
  restoreIdentity(set: StatefulSet, pod: Pod, ordinal: number): void;
  delete(set: StatefulSet, pod: Pod): boolean;
}

/** The writer of one controller. */
export function createStatefulPods(
  context: ControllerContext,
  recorder: EventRecorder,
  claims: VolumeClaims,
): StatefulPods {
  const { client } = context;

  function tell(set: StatefulSet, verb: 'Create' | 'Update' | 'Delete', name: string, why?: string): void {
    const what = `${verb} Pod ${name} in StatefulSet ${set.metadata.name}`;
    if (why === undefined) recorder.event(set, 'Normal', `Successful${verb}`, `${what} successful`);
    else recorder.event(set, 'Warning', `Failed${verb}`, `${what} failed error: ${why}`);
  }

  return {
    create(set, revision, ordinal) {
      const name = podName(set, ordinal);
      const claimed = claims.create(set, ordinal);
      if (!claimed.ok) {
        tell(set, 'Create', name, claimed.error);
        return undefined;
      }
      const template = templateOf(revision, set.spec?.template ?? {});
      const { annotations, finalizers, labels } = template.metadata ?? {};
      const answer = client.create(pods, set.metadata.namespace ?? '', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          name,
          generateName: `${set.metadata.name}-`,
          labels: {
            ...labels,
            ...identityLabels(set, ordinal),
            [revisionLabel]: revision.metadata.name,
          },
          ...(annotations === undefined ? {} : { annotations }),
          ...(finalizers === undefined ? {} : { finalizers }),
          ownerReferences: [controllerReference(set, 'apps/v1', 'StatefulSet')],
        },
        spec: { ...podSpec(set, template, ordinal) },
      });
      if (answer.ok) {
        claims.alignOwners(set, answer.value);
        tell(set, 'Create', name);
        return answer.value;
      }
      const isOthers = answer.error.reason === 'AlreadyExists';
      if (!isOthers && !isNamespaceTerminating(answer.error)) {
        tell(set, 'Create', name, answer.error.message ?? '');
      }
      return undefined;
    },
    restoreIdentity(set, pod, ordinal) {
      const labels = identityLabels(set, ordinal);
      const answer = client.mergePatch(pods, set.metadata.namespace ?? '', pod.metadata.name, {
        metadata: { labels },
      });
      tell(set, 'Update', pod.metadata.name, answer.ok ? undefined : (answer.error.message ?? ''));
    },
    delete(set, pod) {
      const answer = client.delete(pods, set.metadata.namespace ?? '', pod.metadata.name);
      if (!answer.ok && answer.error.code !== 404) {
        tell(set, 'Delete', pod.metadata.name, answer.error.message ?? '');
        return false;
      }
      tell(set, 'Delete', pod.metadata.name);
      return true;
    },
  };
}
