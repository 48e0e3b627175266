/**
 * Which nodes get a Pod and which Pods go, in the steady state and while the template changes.
 * Source: pkg/controller/daemon/daemon_controller.go (podsShouldBeOnNode) and update.go (rollingUpdate).
 */
import { isPodAvailable, isPodReady } from '../../../api/objects/pods.ts';
import type { DaemonSet, Node, Pod } from '../../../api/types/kinds.ts';
import { scaledValue } from '../scaled-value.ts';
import { byAge, hashLabel, isUpdated, nodeWants } from './daemon-pods.ts';

/** What is looked at. */
export interface PlacementInput {
  readonly set: DaemonSet;
  readonly nodes: readonly Node[];
  /** The set's Pods by the node that they are on or meant for. */
  readonly byNode: ReadonlyMap<string, readonly Pod[]>;
  readonly hash: string;
  readonly nowMs: number;
}

/** What is to be done. */
export interface Placement {
  /** Names of nodes that get a Pod. */
  readonly create: readonly string[];
  readonly delete: readonly Pod[];
  /** Pods that have ended and are deleted for it. */
  readonly ended: readonly { readonly pod: Pod; readonly node: string }[];
}

/** One Pod on each node that wants one, and none elsewhere. */
export function planPlacement(input: PlacementInput): Placement {
  const create: string[] = [];
  const doomed: Pod[] = [];
  const ended: { readonly pod: Pod; readonly node: string }[] = [];
  for (const node of input.nodes) {
    const { name } = node.metadata;
    const pods = input.byNode.get(name) ?? [];
    const wants = nodeWants(input.set, node);
    if (wants.run && pods.length === 0) create.push(name);
    else if (!wants.stay) doomed.push(...pods.filter(isStaying));
    else {
      const running: Pod[] = [];
      for (const pod of pods.filter(isStaying)) {
        const phase = pod.status?.phase;
        if (phase === 'Failed' || phase === 'Succeeded') ended.push({ pod, node: name });
        else running.push(pod);
      }
      const surplus = planNode(input, running.sort(byAge));
      doomed.push(...surplus.delete);
      const isGone = running.length === 0 && surge(input.set, 1) > 0;
      if (isGone && wants.run && !ended.some((end) => end.node === name)) create.push(name);
    }
  }
  const known = new Set(input.nodes.map(({ metadata }) => metadata.name));
  for (const [node, pods] of input.byNode) {
    if (!known.has(node)) doomed.push(...pods.filter(({ spec }) => (spec?.nodeName ?? '') === ''));
  }
  return { create, delete: doomed, ended };
}

/** Of several Pods on a node the oldest stays; with surge the oldest of each template, until the new one is available. */
function planNode(input: PlacementInput, running: readonly Pod[]): { readonly delete: readonly Pod[] } {
  const { set, hash, nowMs } = input;
  if (surge(set, 1) === 0) return { delete: running.slice(1) };
  if (running.length <= 1) return { delete: [] };
  const isNew = (pod: Pod) => pod.metadata.labels?.[hashLabel] === hash;
  const oldestNew = running.find(isNew);
  const oldestOld = running.find((pod) => !isNew(pod));
  const doomed = running.filter((pod) => pod !== oldestNew && pod !== oldestOld);
  if (oldestNew === undefined || oldestOld === undefined) return { delete: doomed };
  const isReplaced =
    !isPodReady(oldestOld) || isPodAvailable(oldestNew, set.spec?.minReadySeconds ?? 0, nowMs);
  return { delete: isReplaced ? [...doomed, oldestOld] : doomed };
}

/** The next Pods to be replaced by ones of the new template. */
export function planUpdate(input: PlacementInput): Placement {
  const { set, nodes } = input;
  const wanting = nodes.filter((node) => nodeWants(set, node).run).map(({ metadata }) => metadata.name);
  const names = [...new Set([...input.byNode.keys(), ...wanting])].sort();
  const maxSurge = surge(set, wanting.length);
  const rolling = set.spec?.updateStrategy?.rollingUpdate;
  const unavailable = scaledValue(rolling?.maxUnavailable, wanting.length, Math.ceil);
  const maxUnavailable = wanting.length > 0 && unavailable === 0 && maxSurge === 0 ? 1 : unavailable;
  const states = names.map((node) => nodeState(input, node));
  return maxSurge === 0
    ? replaceInPlace(states, maxUnavailable)
    : replaceWithSurge(input, states, maxSurge, wanting);
}

interface NodeState {
  readonly node: string;
  /** There is more than one Pod of a template. */
  readonly isCrowded: boolean;
  readonly fresh: Pod | undefined;
  readonly old: Pod | undefined;
  isAvailable(pod: Pod): boolean;
}

function nodeState({ set, byNode, hash, nowMs }: PlacementInput, node: string): NodeState {
  const pods = (byNode.get(node) ?? []).filter(isStaying);
  const fresh = pods.filter((pod) => isUpdated(set, pod, hash));
  const old = pods.filter((pod) => !isUpdated(set, pod, hash));
  return {
    node,
    isCrowded: fresh.length > 1 || old.length > 1,
    fresh: fresh[0],
    old: old[0],
    isAvailable: (pod) => isPodAvailable(pod, set.spec?.minReadySeconds ?? 0, nowMs),
  };
}

function replaceInPlace(states: readonly NodeState[], maxUnavailable: number): Placement {
  let missing = 0;
  const allowed: Pod[] = [];
  const candidates: Pod[] = [];
  for (const { isCrowded, fresh, old, isAvailable } of states) {
    if (isCrowded || (fresh === undefined) === (old === undefined)) missing += 1;
    else if (fresh !== undefined) missing += isAvailable(fresh) ? 0 : 1;
    else if (old !== undefined && !isAvailable(old)) {
      allowed.push(old);
      missing += 1;
    } else if (old !== undefined && missing < maxUnavailable) candidates.push(old);
  }
  const room = Math.max(0, maxUnavailable - missing);
  return { create: [], delete: [...allowed, ...candidates.slice(0, room)], ended: [] };
}

function replaceWithSurge(
  { set, nodes }: PlacementInput,
  states: readonly NodeState[],
  maxSurge: number,
  wanting: readonly string[],
): Placement {
  const byName = new Map(nodes.map((node) => [node.metadata.name, node]));
  const doomed: Pod[] = [];
  const misplaced: Pod[] = [];
  const allowed: string[] = [];
  const candidates: string[] = [];
  let surging = 0;
  let available = 0;
  for (const { node, isCrowded, fresh, old, isAvailable } of states) {
    if (isCrowded) {
      surging += 1;
      continue;
    }
    const serving = old ?? fresh;
    if (serving !== undefined && isAvailable(serving)) available += 1;
    if (old === undefined) continue;
    if (fresh !== undefined) {
      if (isAvailable(fresh)) doomed.push(old);
      else surging += 1;
      continue;
    }
    const found = byName.get(node);
    const isWanted = found !== undefined && nodeWants(set, found).run;
    if (!isWanted) (isAvailable(old) ? misplaced : doomed).push(old);
    else if (!isAvailable(old)) allowed.push(node);
    else if (surging < maxSurge) candidates.push(node);
  }
  const removable = Math.max(0, available - wanting.length);
  return {
    create: [...allowed, ...candidates.slice(0, Math.max(0, maxSurge - surging))],
    delete: [...doomed, ...misplaced.slice(0, removable)],
    ended: [],
  };
}

function surge(set: DaemonSet, nodes: number): number {
  const strategy = set.spec?.updateStrategy;
  return strategy?.type === 'RollingUpdate'
    ? scaledValue(strategy.rollingUpdate?.maxSurge, nodes, Math.ceil)
    : 0;
}

function isStaying(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp === undefined;
}
