/**
 * Creating and deleting Pods on behalf of a controller, with the events that `kubectl describe` shows.
 * Source: pkg/controller/controller_utils.go, RealPodControl.
 */
import { controllerReference } from '../../api/objects/owners.ts';
import type { Pod, PodTemplateSpec, Status } from '../../api/types/kinds.ts';
import { pods } from '../../api/types/resources.ts';
import type { KubeObject } from '../../api/types/wire.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { Client, EventRecorder } from '../../client/client.ts';

/** Who owns the Pods. */
export interface PodOwner {
  readonly object: KubeObject;
  readonly apiVersion: string;
  readonly kind: string;
}

/** Writes Pods in the name of one kind of controller. */
export interface PodControl {
  create(owner: PodOwner, template: PodTemplateSpec, extra?: PodExtras): Result<Pod, Status>;
  delete(owner: PodOwner, pod: Pod): Result<void, Status>;
}

/** What a Pod gets beyond its template. */
export interface PodExtras {
  /** In place of the owner's name and a dash. */
  readonly generateName?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: PodTemplateSpec['spec'];
  readonly finalizers?: readonly string[];
}

/** The namespace is being deleted: nothing can be created, and no event can be written about it either. */
export function isNamespaceTerminating(status: Status): boolean {
  return status.details?.causes?.some((cause) => cause.reason === 'NamespaceTerminating') ?? false;
}

/** A {@link PodControl} that writes its events with the given recorder. */
export function createPodControl(client: Client, recorder: EventRecorder): PodControl {
  return {
    create(owner, template, extra = {}) {
      const meta = owner.object.metadata;
      const answer = client.create(pods, meta.namespace ?? '', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: podMetadata(owner, template, extra),
        spec: { ...(extra.spec ?? template.spec) },
      });
      if (answer.ok) {
        recorder.event(
          owner.object,
          'Normal',
          'SuccessfulCreate',
          `Created pod: ${answer.value.metadata.name}`,
        );
        return answer;
      }
      if (!isNamespaceTerminating(answer.error)) {
        recorder.event(
          owner.object,
          'Warning',
          'FailedCreate',
          `Error creating: ${answer.error.message ?? ''}`,
        );
      }
      return answer;
    },
    delete(owner, pod) {
      const answer = client.delete(pods, pod.metadata.namespace ?? '', pod.metadata.name);
      if (answer.ok) {
        recorder.event(owner.object, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
        return ok(undefined);
      }
      if (answer.error.code === 404) return ok(undefined);
      recorder.event(
        owner.object,
        'Warning',
        'FailedDelete',
        `Error deleting: ${answer.error.message ?? ''}`,
      );
      return err(answer.error);
    },
  };
}

function podMetadata(owner: PodOwner, template: PodTemplateSpec, extra: PodExtras) {
  const annotations = { ...template.metadata?.annotations, ...extra.annotations };
  const finalizers = [...(template.metadata?.finalizers ?? []), ...(extra.finalizers ?? [])];
  return {
    generateName: extra.generateName ?? `${owner.object.metadata.name}-`,
    labels: { ...template.metadata?.labels, ...extra.labels },
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    ...(finalizers.length > 0 ? { finalizers } : {}),
    ownerReferences: [controllerReference(owner.object, owner.apiVersion, owner.kind)],
  };
}
