/**
 * How the API server reaches a node for what only the node knows: logs, exec, attach, port-forward. The composition root
 * hands the kubelets' side in; it stands for the kubelet's HTTPS port 10250.
 */
import type { Result } from '../base/result.ts';
import type { PortForward, Session, TextStream } from './request.ts';

export interface LogOptions {
  readonly container: string;
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
  /** In milliseconds since the Unix epoch; never beside `sinceSeconds`. */
  readonly sinceMs?: number;
  readonly limitBytes?: number;
}

export interface ExecOptions {
  readonly container: string;
  readonly command: readonly string[];
  readonly stdin: boolean;
  readonly tty: boolean;
}

/** What the node answers when it cannot: the words of the kubelet or the container runtime. */
export interface NodeRefusal {
  readonly code: 400 | 404 | 500;
  readonly message: string;
}

/** One node's kubelet as the API server sees it. */
export interface NodeConnection {
  logs(
    namespace: string,
    pod: string,
    options: LogOptions,
  ): Result<{ readonly text: string; readonly more?: TextStream }, NodeRefusal>;
  exec(namespace: string, pod: string, options: ExecOptions): Result<Session, NodeRefusal>;
  attach(namespace: string, pod: string, options: Omit<ExecOptions, 'command'>): Result<Session, NodeRefusal>;
  portForward(namespace: string, pod: string): Result<PortForward, NodeRefusal>;
}
