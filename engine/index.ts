/** The engine's public names: the only file of the engine that the grader may import. */

export { parseRelaxedPath, valuesAtPath } from './api/jsonpath/relaxed.ts';
export type { ApiRequest, ApiResponse } from './api/request.ts';
export { pods } from './api/types/resources.ts';
export type { JsonObject, JsonValue } from './base/json.ts';
export type { Result } from './base/result.ts';
export type { Addon } from './cluster/addons.ts';
export { type Cluster, type ClusterOptions, createCluster, type RunResult } from './cluster.ts';
export type { Cause, CauseCode, Language, ObjectName, ToldCause, TrafficShare } from './explain/cause.ts';
export type { ExplainView } from './explain/explain.ts';
export { type AskedGateway, explainGateway } from './explain/explain-gateway.ts';
export { type AskedIngress, explainIngress } from './explain/explain-ingress.ts';
export { explainName } from './explain/explain-name.ts';
export { explainProbe, explainReachable } from './explain/explain-probe.ts';
export { explainRefusal, type Refusal } from './explain/explain-refusal.ts';
export { explainPod } from './explain/explain-service.ts';
export { formatCause } from './explain/format-cause.ts';
export type { ManifestSlip, RefusalHint } from './explain/manifest-trouble.ts';
export type { ProbeResult, ProbeTarget, Vantage } from './explain/probe.ts';
export type { ServedApi, ServeOptions } from './http/serve.ts';
export { formatTrace } from './net/format-trace.ts';
export type { Hop, PacketTrace, Verdict } from './net/trace.ts';
export { knownImages } from './node/images/images.ts';
export type { CompletionChoice, LineCompletion } from './shell/complete-line.ts';
export type { Shell, ShellPlace } from './shell/shell.ts';
export type { ShellResult } from './shell/shell-host.ts';
export type { ShellTerminal } from './shell/terminal.ts';
