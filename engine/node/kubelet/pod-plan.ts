/**
 * Which containers of a Pod are to be started now. Source: pkg/kubelet/kuberuntime (computePodActions,
 * computeInitContainerActions). Left out: changed images, in-place resize.
 */
import { isSidecar } from '../../api/objects/pods.ts';
import type { Container, Pod } from '../../api/types/kinds.ts';
import type { ContainerState } from './state.ts';

/** What the plan is made from. */
export interface PlanInput {
  readonly pod: Pod;
  /** The newest instance of a container. */
  current(name: string): ContainerState | undefined;
  /** Whether a running instance has passed its startup probe. */
  isStarted(container: ContainerState): boolean;
}

/** The containers to start, in order; each waits for the one before it. */
export function planStarts(input: PlanInput): readonly Container[] {
  const { pod } = input;
  const containers = pod.spec?.containers ?? [];
  const isInitialized = containers.some((container) => input.current(container.name) !== undefined);
  // They wait for nothing, are waited for by nobody, and run once.
  const starts: Container[] = (pod.spec?.ephemeralContainers ?? []).filter(
    (container) => input.current(container.name) === undefined,
  );
  for (const container of pod.spec?.initContainers ?? []) {
    const current = input.current(container.name);
    if (isSidecar(container)) {
      if (current === undefined || current.state === 'exited') starts.push(container);
      const isUp = current?.state === 'running' && input.isStarted(current);
      if (!isUp && !isInitialized) return starts;
      continue;
    }
    if (isInitialized) continue;
    if (current === undefined) return [...starts, container];
    if (current.state !== 'exited') return starts;
    if (current.exitCode === 0) continue;
    return shouldRestart(pod, container, current) ? [...starts, container] : starts;
  }
  for (const container of containers) {
    const current = input.current(container.name);
    if (current === undefined || (current.state === 'exited' && shouldRestart(pod, container, current))) {
      starts.push(container);
    }
  }
  return starts;
}

/**
 * Whether an instance that has ended is to be followed by another: by the container's own rules, its own policy, or the Pod's.
 * Source: pkg/kubelet/container/helpers.go, ShouldContainerBeRestarted; KEP-5307.
 */
export function shouldRestart(
  pod: Pod,
  container: Container,
  instance: { readonly exitCode: number },
): boolean {
  const isRuled = container.restartPolicyRules?.some(({ action, exitCodes }) => {
    const isListed = exitCodes?.values?.includes(instance.exitCode) ?? false;
    return action === 'Restart' && exitCodes !== undefined && isListed === (exitCodes.operator === 'In');
  });
  if (isRuled === true) return true;
  const policy = container.restartPolicy ?? pod.spec?.restartPolicy ?? 'Always';
  return policy === 'Always' || (policy === 'OnFailure' && instance.exitCode !== 0);
}
