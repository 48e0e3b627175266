/**
 * What a proxy is told to do with a request. A controller's program asks its host service, which looks at the API's objects
 * and answers with an action; the program carries it out with sockets of its own network namespace. Everything is JSON,
 * since it passes through a `host` call.
 */
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import type { HeaderFields } from '../http/message.ts';

/** A request as the one who decides about it is told. */
export type ProxyRequest = {
  readonly method: string;
  /** As it stands in the request line. */
  readonly target: string;
  readonly scheme: 'http' | 'https';
  /** Without port, in lower case. */
  readonly host: string;
  readonly headers: HeaderFields;
  /** Bytes of the body. */
  readonly bodyBytes: number;
  /** Who the connection comes from. */
  readonly clientAddress: string;
  /** The port that was connected to. */
  readonly localPort: number;
  /** A number in [0, 1) for what is left to chance. */
  readonly chance: number;
};

/** The proxy answers itself. */
export type RespondAction = {
  readonly kind: 'respond';
  readonly status: number;
  readonly headers: HeaderFields;
  /** Absent: the proxy's own page for the status. */
  readonly body?: string;
  /** Whose requests they would have been, for the log. */
  readonly upstream?: string;
};

/** The proxy asks somebody else. */
export type ForwardAction = {
  readonly kind: 'forward';
  /** The name of the group of endpoints: it takes turns within it. */
  readonly upstream: string;
  /** `address:port` or `name:port`. */
  readonly endpoints: readonly string[];
  /** The endpoint to begin with; taken in turn when absent. */
  readonly first?: number;
  /** Endpoints that are tried at most. */
  readonly tries: number;
  /** Whether TLS is spoken with the endpoint; its certificate is not checked. */
  readonly secure: boolean;
  readonly method: string;
  readonly target: string;
  /** The whole head, Host among it. */
  readonly headers: HeaderFields;
  readonly connectTimeoutMs: number;
  readonly readTimeoutMs: number;
  /** Names of fields that are taken off the answer, in lower case. */
  readonly hiddenHeaders: readonly string[];
  /** Fields that are put on the answer. */
  readonly addedHeaders: HeaderFields;
};

export type ProxyAction = RespondAction | ForwardAction;

/** Tells an action from other JSON. */
export function isProxyAction(value: JsonValue | undefined): value is ProxyAction {
  if (!isJsonObject(value)) return false;
  if (value.kind === 'respond') return typeof value.status === 'number' && Array.isArray(value.headers);
  return (
    value.kind === 'forward' &&
    Array.isArray(value.endpoints) &&
    Array.isArray(value.headers) &&
    typeof value.target === 'string'
  );
}
