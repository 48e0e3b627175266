/**
 * Carries a request to one of several endpoints and its answer back, over sockets of the program that calls: each attempt is
 * a connection of its own. An endpoint that can't be connected to, or says nothing, is passed over for the next.
 * Left out: connections that are kept for the next request, bodies that are passed on while they arrive, upgrades.
 * Source: ngx_http_proxy_module, proxy_next_upstream (error, timeout).
 */
import { joinBytes } from '../../net/process/bytes.ts';
import type { Errno } from '../../net/process/errno.ts';
import * as sys from '../../net/process/sys.ts';
import { resolveName } from '../dns/resolver.ts';
import { type ReadFailure, ReceiveBuffer, type ReceivedResponse, readResponse } from '../http/exchange.ts';
import { formatHead, type HeaderFields } from '../http/message.ts';
import { socketStream } from '../http/stream.ts';
import { connectTls, takeAnyCertificate } from '../tls/session.ts';
import type { ForwardAction } from './action.ts';

/** One endpoint that was asked. */
export interface Attempt {
  /** `address:port` */
  readonly endpoint: string;
  readonly tookMs: number;
  /** Why there is no answer. */
  readonly failure?: AttemptFailure;
}

/** Why an endpoint did not answer. */
export type AttemptFailure =
  | { readonly kind: 'connect'; readonly errno: Errno }
  | { readonly kind: 'read'; readonly errno: Errno }
  /** It ended the connection without an answer. */
  | { readonly kind: 'closed' }
  /** It answered with something that is not HTTP. */
  | { readonly kind: 'malformed' }
  /** No TLS came about. */
  | { readonly kind: 'tls' }
  /** Its name can't be resolved. */
  | { readonly kind: 'name' };

/** What came of it: an answer, or nothing but attempts. */
export interface Forwarded {
  readonly response?: ReceivedResponse;
  readonly attempts: readonly Attempt[];
}

/** Fields that concern one connection only. Source: RFC 9110, section 7.6.1. */
const hopByHop = /^(?:connection|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade)$/i;

/** The fields of a message that are passed on. */
export function endToEndFields(headers: HeaderFields): HeaderFields {
  return headers.filter(([name]) => !hopByHop.test(name));
}

/** Asks the endpoints one after the other until one answers. */
export function* forward(action: ForwardAction, body: Uint8Array): sys.Sys<Forwarded> {
  const { endpoints } = action;
  const attempts: Attempt[] = [];
  const first = action.first ?? (yield* nextTurn(action.upstream, endpoints.length));
  for (let turn = 0; turn < Math.min(action.tries, endpoints.length); turn += 1) {
    const endpoint = endpoints[(first + turn) % endpoints.length] ?? '';
    const startedMs = yield* sys.now();
    const outcome = yield* ask(action, endpoint, body);
    const tookMs = (yield* sys.now()) - startedMs;
    if ('response' in outcome) {
      attempts.push({ endpoint: outcome.endpoint, tookMs });
      return { response: outcome.response, attempts };
    }
    attempts.push({ endpoint: outcome.endpoint, tookMs, failure: outcome.failure });
  }
  return { attempts };
}

type Outcome =
  | { readonly endpoint: string; readonly response: ReceivedResponse }
  | { readonly endpoint: string; readonly failure: AttemptFailure };

function* ask(action: ForwardAction, endpoint: string, body: Uint8Array): sys.Sys<Outcome> {
  const colon = endpoint.lastIndexOf(':');
  const resolved = yield* resolveName(endpoint.slice(0, colon));
  const address = resolved.ok ? resolved.value.addresses[0] : undefined;
  if (address === undefined) return { endpoint, failure: { kind: 'name' } };
  const port = Number(endpoint.slice(colon + 1));
  const at = `${address}:${port}`;
  const connected = yield* sys.connect(address, port, { timeoutMs: action.connectTimeoutMs });
  if (!connected.ok) return { endpoint: at, failure: { kind: 'connect', errno: connected.error } };
  const socket = connected.value;
  const response = yield* exchange(action, socket, body);
  yield* sys.close(socket);
  return 'status' in response ? { endpoint: at, response } : { endpoint: at, failure: response };
}

function* exchange(
  action: ForwardAction,
  socket: number,
  body: Uint8Array,
): sys.Sys<ReceivedResponse | AttemptFailure> {
  let stream = socketStream(socket);
  if (action.secure) {
    const deadlineMs = (yield* sys.now()) + action.readTimeoutMs;
    const session = yield* connectTls<never>(socket, { alpn: ['http/1.1'] }, takeAnyCertificate, deadlineMs);
    if (!session.ok) return { kind: 'tls' };
    stream = session.value.stream;
  }
  const head = sys.toBytes(formatHead(`${action.method} ${action.target} HTTP/1.1`, action.headers));
  const sent = yield* stream.send(joinBytes([head, body]));
  if (!sent.ok) return { kind: 'read', errno: sent.error };
  const deadlineMs = (yield* sys.now()) + action.readTimeoutMs;
  const response = yield* readResponse(new ReceiveBuffer(stream, deadlineMs), action.method);
  return response.ok ? response.value : failureOf(response.error);
}

function failureOf(failure: ReadFailure): AttemptFailure {
  switch (failure.kind) {
    case 'errno':
      return { kind: 'read', errno: failure.errno };
    case 'closed':
      return { kind: 'closed' };
    default:
      return { kind: 'malformed' };
  }
}

/** Whose turn it is. Connections are threads that share nothing but files, so the count stands in one. */
function* nextTurn(upstream: string, count: number): sys.Sys<number> {
  if (count < 2) return 0;
  const file = `/tmp/turn-${upstream.replace(/[^A-Za-z0-9._-]/g, '_')}`;
  const text = yield* sys.readFile(file);
  const turn = text.ok ? Number(sys.toText(text.value)) || 0 : 0;
  yield* sys.writeFile(file, sys.toBytes(String((turn + 1) % Number.MAX_SAFE_INTEGER)));
  return turn % count;
}
