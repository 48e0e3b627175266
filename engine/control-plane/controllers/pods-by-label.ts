/** The Pods of a namespace that a selector takes, found without looking at all others. */
import { hasLabels, type LabelSelector, type Labels, selectsLabels } from '../../api/objects/labels.ts';
import type { Pod } from '../../api/types/kinds.ts';
import type { Informer } from '../../client/client.ts';

/** Ways to the Pods that labels or a selector ask for, in order of their names. */
export interface PodsByLabel {
  /** With all of the labels; asked for none, all Pods. */
  withLabels(namespace: string, labels: Labels): readonly Pod[];
  /** That a selector takes; one that is absent takes none. */
  selectedBy(namespace: string, selector: LabelSelector | undefined): readonly Pod[];
}

/**
 * Finds Pods by one of the labels that are asked for, and looks at the others of a selector on these alone. Upstream goes
 * through all Pods of the namespace, to the same effect.
 */
export function indexPodsByLabel(pods: Informer<Pod>): PodsByLabel {
  const find = pods.index('label', ({ metadata: { namespace = '', labels = {} } }) =>
    Object.entries(labels).map(([key, value]) => indexKey(namespace, key, value)),
  );
  const candidates = (namespace: string, labels: Labels): readonly Pod[] => {
    const [first] = Object.entries(labels);
    return first === undefined ? pods.list(namespace) : find(indexKey(namespace, ...first));
  };
  return {
    withLabels: (namespace, labels) =>
      candidates(namespace, labels).filter((pod) => hasLabels(labels, pod.metadata.labels)),
    selectedBy: (namespace, selector) =>
      candidates(namespace, selector?.matchLabels ?? {}).filter((pod) =>
        selectsLabels(selector, pod.metadata.labels),
      ),
  };
}

function indexKey(namespace: string, key: string, value: string): string {
  return `${namespace}/${key}=${value}`;
}
