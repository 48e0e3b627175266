/** What a Pod's claims say to where it may run. Source: pkg/scheduler/framework/plugins/volumebinding. */
import { matchesNodeTerm } from '../../api/objects/node-selection.ts';
import type {
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
} from '../../api/types/kinds.ts';
import { persistentVolumeClaims, persistentVolumes, storageClasses } from '../../api/types/resources.ts';
import type { ControllerContext } from '../../client/client.ts';
import type { Refusal } from './node-filters.ts';

/** Looks at the claims of Pods. */
export interface VolumeFilters {
  /** Why no node can take the Pod as long as its claims are as they are. */
  problem(pod: Pod): string | undefined;
  /** The refusal of a node that the Pod's volumes can't be used on. */
  refusal(pod: Pod, node: Node): Refusal | undefined;
}

/** The filters on the objects that the scheduler watches. `onChange` is called when claims or volumes change. */
export function createVolumeFilters(context: ControllerContext, onChange: () => void): VolumeFilters {
  const claims = context.informers.informer<PersistentVolumeClaim>(persistentVolumeClaims);
  const volumes = context.informers.informer<PersistentVolume>(persistentVolumes);
  const classes = context.informers.informer<StorageClass>(storageClasses);
  claims.onChange(onChange);
  volumes.onChange(onChange);

  return {
    problem(pod) {
      for (const name of claimNames(pod)) {
        const claim = claims.get(pod.metadata.namespace ?? '', name);
        const quoted = JSON.stringify(name);
        if (claim === undefined) return `persistentvolumeclaim ${quoted} not found`;
        if (claim.metadata.deletionTimestamp !== undefined) {
          return `persistentvolumeclaim ${quoted} is being deleted`;
        }
        const storageClass = classes.get('', claim.spec?.storageClassName ?? '');
        const waits = storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
        if ((claim.spec?.volumeName ?? '') === '' && !waits) {
          return 'pod has unbound immediate PersistentVolumeClaims';
        }
      }
      return undefined;
    },
    refusal(pod, node) {
      for (const name of claimNames(pod)) {
        const volumeName = claims.get(pod.metadata.namespace ?? '', name)?.spec?.volumeName ?? '';
        const required = volumes.get('', volumeName)?.spec?.nodeAffinity?.required;
        const isHere = required?.nodeSelectorTerms.some((term) => matchesNodeTerm(term, node)) ?? true;
        if (!isHere) {
          return { reasons: ["node(s) didn't match PersistentVolume's node affinity"], isFinal: true };
        }
      }
      return undefined;
    },
  };
}

function claimNames(pod: Pod): readonly string[] {
  return (pod.spec?.volumes ?? []).flatMap(
    ({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? [],
  );
}
