/**
 * The clusters that exercises start from. A world is prepared once for an exercise and a learner; every attempt works on a
 * fork of it, which costs next to nothing.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Addon, Cluster, ClusterOptions } from '../../engine/index.ts';
import type { Engine } from '../engine.ts';
import type { Exercise } from '../exercise/workbook.ts';
import { readFileBelow } from '../submission/read-file.ts';

/** Worlds kept at once: a learner goes back and forth between a few exercises. */
const maxKept = 8;

/** Prepared worlds by exercise and learner. */
export interface Worlds {
  readonly engine: Engine;
  /** Told of everything that broke on our side, whole; results carry one line of it. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /**
   * A cluster in the state that the exercise starts from, the caller's own.
   *
   * @throws Error when the exercise's own manifests or commands fail: the workbook's bug.
   */
  fork(exercise: Exercise, learnerId: string): Promise<Cluster>;
  /** The world that forks are made of, to be read and forked but never changed. Throws as {@link Worlds.fork}. */
  look(exercise: Exercise, learnerId: string): Promise<Cluster>;
}

/** An empty set of worlds. */
export function createWorlds(engine: Engine, onError?: (error: unknown) => void): Worlds {
  const kept = new Map<string, Promise<Cluster>>();
  const look = async (exercise: Exercise, learnerId: string): Promise<Cluster> => {
    const key = worldSeed(exercise.id, learnerId);
    const world =
      kept.get(key) ??
      prepareWorld(engine.createCluster({ seed: key, ...clusterOptions(exercise) }), exercise);
    kept.delete(key);
    kept.set(key, world);
    for (const oldest of kept.keys()) {
      if (kept.size <= maxKept) break;
      kept.delete(oldest);
    }
    return world;
  };
  return {
    engine,
    onError,
    look,
    fork: async (exercise, learnerId) => (await look(exercise, learnerId)).fork(),
  };
}

/** From the exercise and the learner alone: neighbours have different values, a grader has the learner's. */
export function worldSeed(exerciseId: string, learnerId: string): string {
  return createHash('sha256')
    .update(JSON.stringify([exerciseId, learnerId]))
    .digest('hex');
}

/** The engine's name for the other cluster. */
const secondName = 'second';

function clusterOptions({ definition }: Exercise): Omit<ClusterOptions, 'seed'> {
  const { second, gatewayApi = false, gateway = false, ingress = false } = definition.world;
  const addons: readonly Addon[] = [
    ...(gatewayApi ? (['gateway-api'] as const) : []),
    ...(gateway ? (['envoy-gateway'] as const) : []),
    ...(ingress ? (['ingress-nginx'] as const) : []),
  ];
  return { hasSecond: second !== undefined, addons };
}

async function prepareWorld(cluster: Cluster, exercise: Exercise): Promise<Cluster> {
  cluster.settle();
  const { manifests, commands, second, outside } = exercise.definition.world;
  const toSecond = `kubectl --context kubernetes-admin@${secondName}`;
  for (const host of outside) {
    const { args, files, ...facts } = host;
    const placed = Object.entries(files).map(
      ([path, source]) => [path, readWorldFile(exercise, source)] as const,
    );
    const added = cluster.addOutsideHost({ ...facts, ...(args && { args }), files: new Map(placed) });
    if (!added.ok) throw new Error(`the world of ${exercise.id} can't be made: ${added.error}`);
  }
  const lines = [
    ...(second?.manifests ?? []).map((path) => `${toSecond} apply -f ${path}`),
    ...manifests.map((path) => `kubectl apply -f ${path}`),
    ...commands,
  ];
  if (lines.length === 0) return cluster;
  const shell = await cluster.openShell({ files: readWorldFiles(exercise) });
  for (const line of lines) {
    const { exitCode, stderr } = await shell.run(line);
    if (exitCode !== 0)
      throw new Error(`the world of ${exercise.id} can't be made: ${line}: ${stderr.trim()}`);
    cluster.settle();
  }
  return cluster;
}

function readWorldFiles(exercise: Exercise): ReadonlyMap<string, string> {
  return new Map(worldManifests(exercise).map((path) => [path, readWorldFile(exercise, path)]));
}

function readWorldFile(exercise: Exercise, path: string): string {
  const read = readFileBelow(join(exercise.folder, 'world'), path);
  if (!read.ok) throw new Error(`the world of ${exercise.id} lacks its file ${path}`);
  return read.value;
}

function worldManifests({ definition }: Exercise): readonly string[] {
  const { manifests, second } = definition.world;
  return [...manifests, ...(second?.manifests ?? [])];
}
