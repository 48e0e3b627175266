/**
 * A request that the API server passes on to a port in the cluster's network (`…/proxy/`). The composition root hands in how
 * that network is reached from the server's machine.
 */
import type { Result } from '../base/result.ts';

/** A request as it goes to the other end. */
export interface BackendRequest {
  /** An IPv4 address. */
  readonly address: string;
  readonly port: number;
  /** Whether it is asked over TLS; whatever certificate it shows is taken. */
  readonly isTls: boolean;
  readonly method: string;
  /** Path and query, as they stand in the request line. */
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** An answer of HTTP as it came. */
export interface BackendAnswer {
  readonly code: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** A request on its way, to be asked now and then while time passes. */
export interface BackendExchange {
  /** Undefined until the whole answer is there; a failure is said in the words of Go's HTTP client. */
  outcome(): Result<BackendAnswer, string> | undefined;
  close(): void;
}

/** Sends a request from the machine of the API server. */
export type ReachBackend = (request: BackendRequest) => BackendExchange;
