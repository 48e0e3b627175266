/** Loading the engine when the first cluster is needed, not before. */
import type { Engine } from './engine.ts';
import { ok } from './result.ts';

/** The engine's functions as the grader calls them. */
export async function loadEngine(): Promise<Engine> {
  const engine = await import('../engine/index.ts');
  return {
    createCluster: engine.createCluster,
    explainGateway: (cluster, asked) => engine.explainGateway(cluster.view, asked),
    explainIngress: (cluster, asked) => engine.explainIngress(cluster.view, asked),
    explainProbe: (cluster, probe) => engine.explainProbe(cluster.view, probe),
    explainReachable: (cluster, probe) => engine.explainReachable(cluster.view, probe),
    explainName: (cluster, from, name) => engine.explainName(cluster.view, from, name),
    explainPod: (cluster, namespace, name) => {
      const pod = cluster.view.list(engine.pods, namespace).find((entry) => entry.metadata.name === name);
      return pod === undefined ? undefined : engine.explainPod(cluster.view, pod);
    },
    explainRefusal: engine.explainRefusal,
    formatTrace: engine.formatTrace,
    evaluateJsonPath: (object, path) => {
      const nodes = engine.parseRelaxedPath(path);
      return nodes.ok ? ok(engine.valuesAtPath(nodes.value, object)) : nodes;
    },
  };
}
