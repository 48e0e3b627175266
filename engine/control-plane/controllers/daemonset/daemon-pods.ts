/**
 * What a DaemonSet's Pods are made of, and on which nodes they may be. Source: pkg/controller/daemon (NodeShouldRunDaemonPod) and
 * daemon/util/daemonset_util.go.
 */
import { isTolerated, matchesNodeSelection } from '../../../api/objects/node-selection.ts';
import type { DaemonSet, Node, Pod, PodSpec, PodTemplateSpec } from '../../../api/types/kinds.ts';
import { compareKeys } from '../../../base/sorted-map.ts';

/** The label with the hash of the template that a Pod was made from. */
export const hashLabel = 'controller-revision-hash';
const generationLabel = 'pod-template-generation';
const generationAnnotation = 'deprecated.daemonset.template.generation';

type Toleration = NonNullable<PodSpec['tolerations']>[number];

/** Whether a node is to get a Pod, and whether one that is there may stay. */
export function nodeWants(set: DaemonSet, node: Node): { readonly run: boolean; readonly stay: boolean } {
  const spec = set.spec?.template.spec;
  const name = spec?.nodeName ?? '';
  const isNamed = name === '' || name === node.metadata.name;
  if (!isNamed || !matchesNodeSelection(spec, node)) return { run: false, stay: false };
  const tolerations = withDaemonTolerations(spec);
  const refused = (node.spec?.taints ?? []).filter(
    (taint) => taint.effect !== 'PreferNoSchedule' && !isTolerated(tolerations, taint),
  );
  return { run: refused.length === 0, stay: refused.every(({ effect }) => effect !== 'NoExecute') };
}

/** The template of the Pod for one node: bound to it by affinity, tolerant of what befalls nodes. */
export function daemonTemplate(set: DaemonSet, hash: string, node: string): PodTemplateSpec {
  const template = set.spec?.template ?? {};
  const generation = templateGeneration(set);
  const { spec } = template;
  return {
    ...template,
    metadata: {
      ...template.metadata,
      labels: {
        ...template.metadata?.labels,
        ...(generation === undefined ? {} : { [generationLabel]: generation }),
        [hashLabel]: hash,
      },
    },
    spec: {
      containers: [],
      ...spec,
      affinity: {
        ...spec?.affinity,
        nodeAffinity: {
          ...spec?.affinity?.nodeAffinity,
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }],
          },
        },
      },
      tolerations: withDaemonTolerations(spec),
    },
  };
}

/** Whether a Pod is of the template that the set has now. */
export function isUpdated(set: DaemonSet, pod: Pod, hash: string): boolean {
  const labels = pod.metadata.labels ?? {};
  const generation = templateGeneration(set);
  return labels[hashLabel] === hash || (generation !== undefined && labels[generationLabel] === generation);
}

/** The node that a Pod is on or is meant for. Source: daemon/util, GetTargetNodeName. */
export function targetNode(pod: Pod): string {
  const node = pod.spec?.nodeName ?? '';
  if (node !== '') return node;
  const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  for (const { matchFields } of required?.nodeSelectorTerms ?? []) {
    const field = matchFields?.find(({ key, operator }) => key === 'metadata.name' && operator === 'In');
    if (field?.values?.length === 1) return field.values[0] ?? '';
  }
  return '';
}

/** Assigned Pods before others, then the older ones. */
export function byAge(a: Pod, b: Pod): number {
  const isAssigned = (pod: Pod) => Number((pod.spec?.nodeName ?? '') !== '');
  return (
    isAssigned(b) - isAssigned(a) ||
    compareKeys(a.metadata.creationTimestamp, b.metadata.creationTimestamp) ||
    compareKeys(a.metadata.name, b.metadata.name)
  );
}

function templateGeneration(set: DaemonSet): string | undefined {
  return set.metadata.annotations?.[generationAnnotation];
}

/** The template's tolerations, and those of every daemon Pod, which replace equal ones. */
function withDaemonTolerations(spec: PodSpec | undefined): readonly Toleration[] {
  const added = [
    ['not-ready', 'NoExecute'],
    ['unreachable', 'NoExecute'],
    ['disk-pressure', 'NoSchedule'],
    ['memory-pressure', 'NoSchedule'],
    ['pid-pressure', 'NoSchedule'],
    ['unschedulable', 'NoSchedule'],
    ...(spec?.hostNetwork === true ? [['network-unavailable', 'NoSchedule']] : []),
  ].map(
    ([name, effect]): Toleration => ({
      effect: effect ?? '',
      key: `node.kubernetes.io/${name}`,
      operator: 'Exists',
    }),
  );
  const isReplaced = (own: Toleration) =>
    added.some(({ key, effect }) => own.key === key && own.effect === effect && own.operator === 'Exists');
  return [...(spec?.tolerations ?? []).filter((own) => !isReplaced(own)), ...added];
}
