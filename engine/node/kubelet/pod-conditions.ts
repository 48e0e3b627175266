/** The conditions of a Pod that the kubelet owns. Source: pkg/kubelet/status/generate.go. */
import { isSidecar } from '../../api/objects/pods.ts';
import type { Container, ContainerStatus, Pod, PodCondition } from '../../api/types/kinds.ts';
import type { JsonObject } from '../../base/json.ts';

/** What the conditions follow from. */
export interface ConditionInput {
  readonly pod: Pod;
  readonly phase: string;
  readonly containerStatuses: readonly ContainerStatus[];
  readonly initContainerStatuses: readonly ContainerStatus[];
  readonly hasSandbox: boolean;
  readonly now: string;
}

type Draft = Pick<PodCondition, 'status'> & { readonly reason?: string; readonly message?: string };

const owned: readonly string[] = [
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
];

/** The conditions in upstream's order, after those that others set; times are kept where the status is the same. */
export function podConditions(input: ConditionInput): readonly JsonObject[] {
  const old = input.pod.status?.conditions ?? [];
  const others = old.filter((condition) => !owned.includes(condition.type));
  const ready = containersReady(input);
  const drafts: readonly (readonly [string, Draft])[] = [
    ['PodReadyToStartContainers', { status: input.hasSandbox ? 'True' : 'False' }],
    ['Initialized', initialized(input)],
    ['Ready', withReadinessGates(input, ready)],
    ['ContainersReady', ready],
    ['PodScheduled', { status: 'True' }],
  ];
  return [
    ...others.map((condition) => ({ ...condition })),
    ...drafts.map(([type, draft]) => {
      const before = old.find((condition) => condition.type === type);
      const kept = before?.status === draft.status ? before.lastTransitionTime : undefined;
      const { generation } = input.pod.metadata;
      const { status, ...details } = draft;
      return {
        type,
        ...(generation === undefined ? {} : { observedGeneration: generation }),
        status,
        lastProbeTime: null,
        lastTransitionTime: kept ?? input.now,
        ...details,
      };
    }),
  ];
}

function containersReady({ pod, phase, containerStatuses, initContainerStatuses }: ConditionInput): Draft {
  const relevant = [...(pod.spec?.initContainers ?? []).filter(isSidecar), ...(pod.spec?.containers ?? [])];
  const statuses = new Map(
    [...initContainerStatuses, ...containerStatuses].map((status) => [status.name, status]),
  );
  const unknown = relevant.filter(({ name }) => !statuses.has(name));
  if (phase === 'Succeeded' && unknown.length === 0) return { status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' };
  const unready = relevant.filter(({ name }) => statuses.get(name)?.ready === false);
  const messages = [
    ...(unknown.length > 0 ? [`containers with unknown status: ${formatNames(unknown)}`] : []),
    ...(unready.length > 0 ? [`containers with unready status: ${formatNames(unready)}`] : []),
  ];
  return messages.length === 0
    ? { status: 'True' }
    : { status: 'False', reason: 'ContainersNotReady', message: messages.join(', ') };
}

function withReadinessGates({ pod }: ConditionInput, ready: Draft): Draft {
  if (ready.status !== 'True') return ready;
  const messages: string[] = [];
  for (const { conditionType } of pod.spec?.readinessGates ?? []) {
    const quoted = JSON.stringify(conditionType);
    const condition = pod.status?.conditions?.find(({ type }) => type === conditionType);
    if (condition === undefined) {
      messages.push(`corresponding condition of pod readiness gate ${quoted} does not exist.`);
    } else if (condition.status !== 'True') {
      messages.push(`the status of pod readiness gate ${quoted} is not "True", but ${condition.status}`);
    }
  }
  if (messages.length === 0) return ready;
  return { status: 'False', reason: 'ReadinessGatesNotReady', message: messages.join(', ') };
}

function initialized({ pod, phase, containerStatuses, initContainerStatuses }: ConditionInput): Draft {
  const incomplete = (pod.spec?.initContainers ?? []).filter((container) => {
    const status = initContainerStatuses.find(({ name }) => name === container.name);
    return isSidecar(container) ? status?.started !== true : status?.ready !== true;
  });
  if (phase === 'Succeeded') return { status: 'True', reason: 'PodCompleted' };
  const hasRun = containerStatuses.some(
    ({ state, lastState }) =>
      state?.running !== undefined || state?.terminated !== undefined || lastState?.terminated !== undefined,
  );
  if (hasRun || incomplete.length === 0) return { status: 'True' };
  return {
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: ${formatNames(incomplete)}`,
  };
}

/** Names as Go prints a list: `[a b]`. */
function formatNames(containers: readonly Container[]): string {
  return `[${containers.map(({ name }) => name).join(' ')}]`;
}
