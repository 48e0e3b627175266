/**
 * Binds claims to volumes, and makes volumes for claims whose class has the local-path provisioner, as a cluster of kind does.
 * Source: pkg/controller/volume/persistentvolume; the events of rancher's local-path-provisioner.
 * Left out: resizing, access to volumes that are protected while in use, other provisioners, volume modes.
 */
import { keyOf, splitKey } from '../../../api/objects/keys.ts';
import { selectsLabels } from '../../../api/objects/labels.ts';
import { resourceAmount } from '../../../api/objects/resource-amounts.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '../../../api/types/kinds.ts';
import {
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  storageClasses,
} from '../../../api/types/resources.ts';
import type { JsonObject } from '../../../base/json.ts';
import { compareKeys } from '../../../base/sorted-map.ts';
import type { ControllerContext, ReconcileOutcome } from '../../../client/client.ts';

const provisionerName = 'rancher.io/local-path';
const provisionedBy = 'pv.kubernetes.io/provisioned-by';

/** Starts the controller. */
export function createPersistentVolumeController(context: ControllerContext): void {
  const { client } = context;
  const claims = context.informers.informer(persistentVolumeClaims);
  const volumes = context.informers.informer(persistentVolumes);
  const classes = context.informers.informer(storageClasses);
  const podsOf = context.informers
    .informer(pods)
    .index('claims', (pod) => claimNames(pod).map((name) => `${pod.metadata.namespace ?? ''}/${name}`));
  const recorder = context.eventRecorder('persistentvolume-controller');
  const provisioner = context.eventRecorder(`${provisionerName}_local-path-provisioner`);
  const queue = context.workqueue('persistent-volume-claim', (key) => bindClaim(key));
  const volumeQueue = context.workqueue('persistent-volume', (name) => watchVolume(name));

  claims.onChange(({ before, after }) => {
    if (after !== undefined && after.status?.phase !== 'Bound') queue.add(keyOf(after));
    const volume = after === undefined ? before?.spec?.volumeName : undefined;
    if (volume !== undefined) volumeQueue.add(volume);
  });
  volumes.onChange(({ before, after }) => {
    if (after !== undefined && before?.spec !== after.spec) volumeQueue.add(after.metadata.name);
    const isFree = after?.status?.phase === 'Available' && before?.status?.phase !== 'Available';
    if (isFree) wakeUnbound();
  });
  classes.onChange(({ after }) => {
    if (after !== undefined) wakeUnbound();
  });
  context.informers.informer(pods).onChange(({ before, after }) => {
    if (after === undefined || before?.spec?.nodeName === after.spec?.nodeName) return;
    for (const name of claimNames(after)) queue.add(`${after.metadata.namespace ?? ''}/${name}`);
  });

  function wakeUnbound(): void {
    for (const claim of claims.list()) if (claim.status?.phase !== 'Bound') queue.add(keyOf(claim));
  }

  function bindClaim(key: string): ReconcileOutcome {
    const { namespace, name } = splitKey(key);
    const claim = claims.get(namespace, name);
    if (claim === undefined || claim.status?.phase === 'Bound') return 'done';
    if (claim.metadata.deletionTimestamp !== undefined) return 'done';
    const className = claim.spec?.storageClassName ?? '';
    const storageClass = classes.get('', className);
    const waits = storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
    const consumer = podsOf(key).find(({ spec }) => (spec?.nodeName ?? '') !== '');
    if (!waits || consumer !== undefined) {
      const found = findVolume(claim);
      if (found !== undefined) return bind(claim, found) ? 'done' : 'retry';
    }
    if (className === '') {
      const message = 'no persistent volumes available for this claim and no storage class is set';
      recorder.event(claim, 'Normal', 'FailedBinding', message);
      return 'done';
    }
    if (storageClass === undefined) {
      const message = `storageclass.storage.k8s.io ${JSON.stringify(className)} not found`;
      recorder.event(claim, 'Warning', 'ProvisioningFailed', message);
      return 'done';
    }
    if (waits && consumer === undefined) {
      tellWaiting(claim, podsOf(key)[0]);
      return 'done';
    }
    return provision(claim, storageClass, consumer);
  }

  function tellWaiting(claim: PersistentVolumeClaim, pod: Pod | undefined): void {
    if (pod === undefined) {
      const message = 'waiting for first consumer to be created before binding';
      recorder.event(claim, 'Normal', 'WaitForFirstConsumer', message);
    }
  }

  function provision(
    claim: PersistentVolumeClaim,
    storageClass: StorageClass,
    consumer: Pod | undefined,
  ): ReconcileOutcome {
    const by = storageClass.provisioner;
    const message = `Waiting for a volume to be created either by the external provisioner '${by}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
    recorder.event(claim, 'Normal', 'ExternalProvisioning', message);
    if (by !== provisionerName || consumer === undefined) return 'done';
    const { name, namespace = '', uid } = claim.metadata;
    const title = `${namespace}/${name}`;
    const volumeName = `pvc-${uid}`;
    const node = consumer.spec?.nodeName ?? '';
    const asked = `External provisioner is provisioning volume for claim ${JSON.stringify(title)}`;
    provisioner.event(claim, 'Normal', 'Provisioning', asked);
    const made = client.create(persistentVolumes, '', {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: volumeName, annotations: { [provisionedBy]: by } },
      spec: {
        accessModes: claim.spec?.accessModes ?? [],
        capacity: { storage: claim.spec?.resources?.requests?.storage ?? '0' },
        claimRef: claimReference(claim),
        hostPath: {
          path: `/var/local-path-provisioner/${volumeName}_${namespace}_${name}`,
          type: 'DirectoryOrCreate',
        },
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] },
            ],
          },
        },
        persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
        storageClassName: storageClass.metadata.name,
        volumeMode: claim.spec?.volumeMode ?? 'Filesystem',
      },
    });
    if (!made.ok) return 'retry';
    const done = `Successfully provisioned volume ${volumeName}`;
    provisioner.event(claim, 'Normal', 'ProvisioningSucceeded', done);
    const patch = {
      metadata: {
        annotations: {
          'volume.beta.kubernetes.io/storage-provisioner': by,
          'volume.kubernetes.io/selected-node': node,
          'volume.kubernetes.io/storage-provisioner': by,
        },
      },
    };
    const annotated = client.mergePatch(persistentVolumeClaims, namespace, name, patch);
    return annotated.ok && bind(annotated.value, made.value) ? 'done' : 'retry';
  }

  /** The smallest volume that is free or meant for the claim, and large enough. */
  function findVolume(claim: PersistentVolumeClaim): PersistentVolume | undefined {
    const { spec } = claim;
    const wanted = resourceAmount(spec?.resources?.requests?.storage ?? '0');
    const size = (volume: PersistentVolume) => resourceAmount(volume.spec?.capacity?.storage ?? '0');
    return volumes
      .list()
      .filter((volume) => {
        const reference = volume.spec?.claimRef;
        const isMeant =
          reference?.name === claim.metadata.name && reference.namespace === claim.metadata.namespace;
        const isFree = reference === undefined || (isMeant && (reference.uid ?? '') === '');
        if (!isFree || volume.metadata.deletionTimestamp !== undefined) return false;
        if ((spec?.volumeName ?? '') !== '') return spec?.volumeName === volume.metadata.name;
        return (
          (volume.spec?.storageClassName ?? '') === (spec?.storageClassName ?? '') &&
          (spec?.accessModes ?? []).every((mode) => volume.spec?.accessModes?.includes(mode)) &&
          (volume.spec?.volumeMode ?? 'Filesystem') === (spec?.volumeMode ?? 'Filesystem') &&
          (spec?.selector === undefined || selectsLabels(spec.selector, volume.metadata.labels)) &&
          size(volume) >= wanted
        );
      })
      .sort((a, b) => size(a) - size(b) || compareKeys(a.metadata.name, b.metadata.name))[0];
  }

  function bind(claim: PersistentVolumeClaim, volume: PersistentVolume): boolean {
    const { namespace = '', name } = claim.metadata;
    const held = client.mergePatch(persistentVolumes, '', volume.metadata.name, {
      spec: { claimRef: claimReference(claim) },
    });
    const named = client.mergePatch(persistentVolumeClaims, namespace, name, {
      metadata: {
        annotations: {
          'pv.kubernetes.io/bind-completed': 'yes',
          'pv.kubernetes.io/bound-by-controller': 'yes',
        },
      },
      spec: { volumeName: volume.metadata.name },
    });
    if (!held.ok || !named.ok) return false;
    client.mergePatch(persistentVolumes, '', volume.metadata.name, { status: { phase: 'Bound' } }, 'status');
    const { accessModes = [], capacity = {} } = volume.spec ?? {};
    const status = { phase: 'Bound', accessModes, capacity };
    return client.mergePatch(persistentVolumeClaims, namespace, name, { status }, 'status').ok;
  }

  /** Says whether a volume is free, and lets it go when its claim has gone. */
  function watchVolume(name: string): ReconcileOutcome {
    const volume = volumes.get('', name);
    if (volume === undefined) return 'done';
    const reference = volume.spec?.claimRef;
    if ((reference?.uid ?? '') === '') return writePhase(volume, 'Available');
    const claim = claims.get(reference?.namespace ?? '', reference?.name ?? '');
    if (claim?.metadata.uid === reference?.uid) return 'done';
    const released = writePhase(volume, 'Released');
    const isOurs = volume.metadata.annotations?.[provisionedBy] === provisionerName;
    if (volume.spec?.persistentVolumeReclaimPolicy === 'Delete' && isOurs) {
      const answer = client.delete(persistentVolumes, '', name);
      return answer.ok || answer.error.code === 404 ? 'done' : 'retry';
    }
    return released;
  }

  function writePhase(volume: PersistentVolume, phase: string): ReconcileOutcome {
    if (volume.status?.phase === phase) return 'done';
    const patch = { status: { phase } };
    return client.mergePatch(persistentVolumes, '', volume.metadata.name, patch, 'status').ok
      ? 'done'
      : 'retry';
  }
}

/** The claims that a Pod's volumes name. */
function claimNames(pod: Pod): readonly string[] {
  return (pod.spec?.volumes ?? []).flatMap(
    ({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? [],
  );
}

function claimReference({ metadata }: PersistentVolumeClaim): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    name: metadata.name,
    namespace: metadata.namespace ?? '',
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
  };
}
