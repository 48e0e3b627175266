/**
 * The one door: everything that reads or writes the cluster, in-process kubectl, controllers, node components, the
 * HTTP face and the checks, sends an {@link ApiRequest} and gets an {@link ApiResponse}.
 */
import type { JsonObject, JsonValue } from '../base/json.ts';
import type { BackendAnswer } from './proxied.ts';
import type { KubeObject } from './types/wire.ts';

/** One request to the API server, as HTTP would carry it. */
export interface ApiRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Without query, percent-decoded by segment: `/api/v1/namespaces/default/pods/web`. */
  readonly path: string;
  /** Query parameters in order; a name may come more than once (`command=sh&command=-c`). */
  readonly query?: readonly (readonly [name: string, value: string])[];
  /** Header names in lower case. `accept` chooses Table output, `content-type` the kind of patch. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Text (JSON or YAML, decoded strictly by the server) or JSON that is parsed already. */
  readonly body?: string | JsonValue;
  /** Who asks, as authentication found out; `kubernetes-admin` when absent. */
  readonly user?: UserInfo;
  /**
   * Whether it came over a connection: it may overtake the controllers, as on a real cluster, while requests from inside the
   * process find done what the controllers are about to do.
   */
  readonly isFromOutside?: boolean;
}

/** An authenticated user. */
export interface UserInfo {
  readonly name: string;
  readonly groups: readonly string[];
}

/** What the API server answers. */
export type ApiResponse =
  | ObjectResponse
  | TextResponse
  | WatchResponse
  | SessionResponse
  | PortForwardResponse
  | ProxiedResponse;

/** A resource, list, Table, Status or discovery document. */
export interface ObjectResponse {
  readonly type: 'object';
  readonly code: number;
  /** Warnings of the API server (RFC 7234 `Warning: 299`), the texts alone, in order. */
  readonly warnings: readonly string[];
  readonly body: JsonObject;
}

/** Plain text: logs, /healthz. */
export interface TextResponse {
  readonly type: 'text';
  readonly code: number;
  readonly warnings: readonly string[];
  readonly body: string;
  /** With `follow`: text that comes later. Absent when the body is all there is. */
  readonly more?: TextStream;
}

/** Text that goes on coming, as of `logs -f`. */
export interface TextStream {
  /** Text since the last call; empty when nothing came. */
  read(): string;
  /** Whether nothing more can come. */
  isEnded(): boolean;
  close(): void;
}

/** An accepted watch. */
export interface WatchResponse {
  readonly type: 'watch';
  readonly code: 200;
  readonly warnings: readonly string[];
  readonly watch: Watch;
}

/** One change as a watch tells it. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: KubeObject | JsonObject;
}

/** A running watch. */
export interface Watch {
  /**
   * Names the one function that gets events from now on, called in the order of resourceVersions, in the midst of
   * the write that caused the event: it may take notes and schedule, never write. Events that came before are
   * handed over at once.
   */
  onEvent(listener: (event: WatchEvent) => void): void;
  /** The event by which a client learns how far it has seen everything: now. */
  bookmark(): WatchEvent;
  stop(): void;
}

/** An accepted exec or attach: a conversation with a process. */
export interface SessionResponse {
  readonly type: 'session';
  readonly code: 101;
  readonly warnings: readonly string[];
  readonly session: Session;
}

/** Of a window, in characters. */
export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

/** The streams of an exec or attach. Bytes are UTF-8 unless a program prints others. */
export interface Session {
  /** What came since the last call. */
  readStdout(): Uint8Array;
  readStderr(): Uint8Array;
  writeStdin(bytes: Uint8Array): void;
  closeStdin(): void;
  /** The client's terminal has this size now; nothing where the session has none. */
  resize(size: TerminalSize): void;
  /** The exit code once the process has ended, else undefined. */
  exitCode(): number | undefined;
  close(): void;
}

/** An accepted port-forward: nothing is connected yet. */
export interface PortForwardResponse {
  readonly type: 'port-forward';
  readonly code: 101;
  readonly warnings: readonly string[];
  readonly portForward: PortForward;
}

/** A request that was passed on to a Pod, a Service or a node; its answer comes while time passes. */
export interface ProxiedResponse {
  readonly type: 'proxied';
  /** Of the passing on; the answer has a code of its own. */
  readonly code: 200;
  readonly warnings: readonly string[];
  readonly exchange: ProxiedExchange;
}

/** See {@link ProxiedResponse}. */
export interface ProxiedExchange {
  /** Undefined while it is not there; a backend that cannot be reached is a Status in JSON. */
  answer(): BackendAnswer | undefined;
  close(): void;
}

/** A Pod whose ports can be connected to from inside its network namespace. */
export interface PortForward {
  /** Begins to connect to a TCP port of the Pod's loopback address. */
  connect(port: number): ForwardedConnection;
}

/** One connection to a Pod, its handshake perhaps still on the way. */
export interface ForwardedConnection {
  /** What came since the last call. */
  read(): Uint8Array;
  write(bytes: Uint8Array): void;
  /** Says that nothing more will be written. */
  closeWrite(): void;
  /** Whether nothing more can come, the bytes not yet read left aside. */
  isEnded(): boolean;
  /** The node's words when the connection could not be made. */
  failure(): string | undefined;
  close(): void;
}

/** How requests reach an API server in this process: at once, without waiting. */
export interface Transport {
  send(request: ApiRequest): ApiResponse;
  /**
   * Takes on a creation whose answer nobody reads: it is carried out when somebody looks, and is then what it would have been
   * now. False when it has to be sent, because it may be refused or somebody watches for it.
   */
  sendLater?(request: ApiRequest): boolean;
  /**
   * What a watch of a whole collection from a revision on tells, without a request to be read first: every fork opens some
   * forty of them. False when only a watch can tell it, as of kinds that are stored in another kind's words.
   */
  follow?(collection: Collection, afterRevision: string, listener: (event: WatchEvent) => void): boolean;
}

/** All objects of a kind in one version. */
export interface Collection {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
}
