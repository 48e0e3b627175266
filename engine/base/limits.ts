/**
 * The bounds of every loop that a learner's input can drive. Past a bound the caller answers with a named
 * error; nothing hangs and nothing grows without end.
 */
export interface Limits {
  /** Events that one settle or advance may run. */
  readonly maxEventsPerRun: number;
  /** Virtual milliseconds that one settle may let pass. */
  readonly maxSettleMs: number;
  /** Links that one packet crosses before it counts as looping: more than a time to live of 255 lets it cross. */
  readonly maxPacketHops: number;
  /** Rules that one packet may meet on one machine. */
  readonly maxRulesPerHook: number;
  /** Bytes that one process may print before its output is cut. */
  readonly maxOutputBytes: number;
  /** Bytes of a process's output that may wait for somebody who reads it as it comes. */
  readonly maxUnreadBytes: number;
  /** Bytes of one request body: etcd's own limit on a request. Source: etcd docs, "System limits" (1.5 MiB). */
  readonly maxRequestBytes: number;
  /** Nodes of one parsed YAML document after aliases are expanded. */
  readonly maxYamlNodes: number;
  /** Levels of maps and lists in one YAML document; Kubernetes' deepest objects have some forty. */
  readonly maxNesting: number;
  /** Steps (resumptions) that one process may take before it is killed. */
  readonly maxProcessSteps: number;
  /** Processes on all machines at once. */
  readonly maxProcesses: number;
  /** Packets kept by one capture. */
  readonly maxCapturedPackets: number;
}

/** The bounds used unless a caller names others. */
export const defaultLimits: Limits = Object.freeze({
  maxEventsPerRun: 200_000,
  maxSettleMs: 600_000,
  maxPacketHops: 1_024,
  maxRulesPerHook: 200_000,
  maxOutputBytes: 1_048_576,
  maxUnreadBytes: 67_108_864,
  maxRequestBytes: 1_572_864,
  maxYamlNodes: 50_000,
  maxNesting: 100,
  maxProcessSteps: 200_000,
  maxProcesses: 20_000,
  maxCapturedPackets: 10_000,
});
