/**
 * The engine as the grader uses it. It is handed to what needs it rather than imported there, so that commands which only
 * list or show never load a cluster.
 */
import type {
  AskedGateway,
  AskedIngress,
  Cause,
  Cluster,
  ClusterOptions,
  JsonValue,
  PacketTrace,
  ProbeResult,
  ProbeTarget,
  Refusal,
  RefusalHint,
  Result,
  Vantage,
} from '../engine/index.ts';

/** A connection that was tried from somewhere, and what came of it. */
export interface TriedProbe {
  readonly from: Vantage;
  readonly target: ProbeTarget;
  readonly result: ProbeResult;
}

/** The functions of the engine that grading calls. */
export interface Engine {
  createCluster(options: ClusterOptions): Cluster;
  /** Why a probe was not answered. */
  explainProbe(cluster: Cluster, probe: TriedProbe): Cause;
  /** What lets a connection through that should not be possible. */
  explainReachable(cluster: Cluster, probe: TriedProbe): Cause;
  /** Why a controller of Ingresses did not answer as it should; undefined when it did what the Ingresses say. */
  explainIngress(cluster: Cluster, asked: AskedIngress): Cause | undefined;
  /** Why a Gateway did not do what it should; undefined when it did what its routes say. */
  explainGateway(cluster: Cluster, asked: AskedGateway): Cause | undefined;
  /** Why a name does not resolve. */
  explainName(cluster: Cluster, from: Vantage, name: string): Cause;
  /** What keeps a Pod from running; undefined when nothing does, or when there is no such Pod. */
  explainPod(cluster: Cluster, namespace: string, name: string): Cause | undefined;
  /** What to mend of an object that was refused; undefined where the words of the refusal say it all. */
  explainRefusal(refusal: Refusal): RefusalHint | undefined;
  /** A line per hop. */
  formatTrace(packets: readonly PacketTrace[]): readonly string[];
  /** The values at a JSONPath without braces: `.spec.ports[*].port`. */
  evaluateJsonPath(object: JsonValue, path: string): Result<readonly JsonValue[], string>;
}
