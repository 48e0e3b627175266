/** Requests that are sent to a real kube-apiserver and to ours, and what is kept of the answers. */
import type { JsonValue } from '../../../base/json.ts';

/** One request of a flow, as HTTP carries it. */
export interface Exchange {
  /** What tells it from the others of its flow. */
  readonly label: string;
  readonly method: string;
  /** With the query, as it stands in the request line. `$NS`, `$RV`, `$UID` and `$CONTINUE` are filled in when it is sent. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Requests that build on each other, on a cluster where nothing but the namespace of the flow was made. */
export interface Flow {
  readonly name: string;
  readonly exchanges: readonly Exchange[];
}

/** What is kept of an answer: what a server chooses by chance or by the clock is masked. */
export interface Answer {
  readonly code: number;
  /** Absent when it is JSON. */
  readonly type?: string;
  readonly warnings?: readonly string[];
  readonly body: JsonValue;
}

/** The answers of flows by the flow's name, each with the label of its request. */
export type Answers = ReadonlyMap<string, readonly (readonly [label: string, answer: Answer])[]>;
