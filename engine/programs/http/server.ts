/** HTTP servers: the requests of a connection, one after the other, each answered by the server's own handler. */
import type { JsonObject, JsonValue } from '../../base/json.ts';
import { joinBytes } from '../../net/process/bytes.ts';
import * as sys from '../../net/process/sys.ts';
import type { ProcessStart } from '../../net/process/syscalls.ts';
import { type Connection, type Ready, runServer, type ServerNews } from '../servers/frame.ts';
import { ReceiveBuffer, readRequest } from './exchange.ts';
import {
  formatHead,
  type HttpRequest,
  type HttpResponse,
  header,
  httpDate,
  reasonPhrase,
} from './message.ts';
import { type ByteStream, socketStream } from './stream.ts';

/** What differs from server to server. */
export interface HttpServer<Config extends JsonObject> {
  /** Opens the listeners and reads the configuration; an exit code when the server can't start. */
  setUp(start: ProcessStart): sys.Sys<Ready<Config> | number>;
  /** Tells one's own configuration from other JSON. */
  isConfig(value: JsonValue): value is Config;
  handle(config: Config, request: HttpRequest, connection: Connection): HttpResponse | sys.Sys<HttpResponse>;
  /**
   * What HTTP is spoken over on a connection, when it is not the connection itself: a TLS handshake, say. Undefined ends the
   * connection.
   */
  open?(config: Config, connection: Connection): sys.Sys<ByteStream | undefined>;
  /** The answer to what is no HTTP. */
  badRequest?(config: Config): HttpResponse;
  /** How long a connection may idle. */
  readonly keepAliveMs?: number;
  /**
   * Whose order of header fields.
   */
  readonly style: 'apache' | 'envoy' | 'go' | 'nginx';
  /** For a server whose control plane changes what it listens on while it runs. */
  readonly news?: ServerNews<Config>;
  /** A server that speaks HTTP/1.0: each answer ends its connection. */
  readonly isHttp10?: boolean;
}

/** Fields in the order in which a server writes them; `*` stands for all others. */
const fieldOrders: Readonly<Record<HttpServer<JsonObject>['style'], readonly string[]>> = {
  // A proxy leaves them as they came.
  envoy: ['*'],
  apache: ['date', 'server', '*', 'content-length', 'connection', 'content-type'],
  go: ['*', 'date', 'content-length', 'content-type', 'connection'],
  nginx: ['server', 'date', 'content-type', 'content-length', 'last-modified', 'location', 'connection', '*'],
};

/** Runs a server until a signal ends it. */
export function* serveHttp<Config extends JsonObject>(
  start: ProcessStart,
  server: HttpServer<Config>,
): sys.Sys<number> {
  return yield* runServer(start, {
    setUp: (about) => server.setUp(about),
    isConfig: (value): value is Config => server.isConfig(value),
    serve: (config, connection) => serveConnection(server, config, connection),
    ...(server.news === undefined ? {} : { news: server.news }),
  });
}

/** A response of plain text, or of another type that the fields name. */
export function textResponse(
  status: number,
  text: string,
  headers: HttpResponse['headers'] = [],
): HttpResponse {
  const type = header(headers, 'content-type') === undefined;
  const fields = type ? [...headers, ['Content-Type', 'text/plain; charset=utf-8'] as const] : headers;
  return { status, headers: fields, body: sys.toBytes(text) };
}

function* serveConnection<Config extends JsonObject>(
  server: HttpServer<Config>,
  config: Config,
  connection: Connection,
): sys.Sys<void> {
  const stream =
    server.open === undefined ? socketStream(connection.socket) : yield* server.open(config, connection);
  if (stream === undefined) return;
  const buffer = new ReceiveBuffer(stream);
  for (;;) {
    if (server.keepAliveMs !== undefined) buffer.deadlineMs = (yield* sys.now()) + server.keepAliveMs;
    const request = yield* readRequest(buffer);
    if (!request.ok) {
      if (request.error.kind !== 'malformed') return;
      const answer = server.badRequest?.(config) ?? textResponse(400, '400 Bad Request');
      yield* sendResponse(server, stream, answer, { method: 'GET', close: true });
      return;
    }
    const answer = server.handle(config, request.value, connection);
    const response = 'status' in answer ? answer : yield* answer;
    const wish = header(request.value.headers, 'connection')?.toLowerCase();
    const wantsClose = request.value.version === 'HTTP/1.0' ? wish !== 'keep-alive' : wish === 'close';
    const saysClose = header(response.headers, 'connection')?.toLowerCase() === 'close';
    const close = wantsClose || saysClose || server.isHttp10 === true;
    const sent = yield* sendResponse(server, stream, response, { method: request.value.method, close });
    if (!sent || close) return;
  }
}

function* sendResponse<Config extends JsonObject>(
  server: HttpServer<Config>,
  stream: ByteStream,
  response: HttpResponse,
  options: { readonly method: string; readonly close: boolean },
): sys.Sys<boolean> {
  const nowMs = yield* sys.now();
  // A proxy passes on the moment that it was told.
  const hasDate = server.style === 'envoy' && header(response.headers, 'date') !== undefined;
  const date = hasDate ? [] : [['Date', httpDate(nowMs)] as const];
  const hasLength = header(response.headers, 'content-length') !== undefined;
  const needsLength = !hasLength && response.status !== 204 && response.status !== 304;
  const length = needsLength ? [['Content-Length', String(response.body.length)] as const] : [];
  const saysConnection = header(response.headers, 'connection') !== undefined;
  const closing =
    options.close && !saysConnection && server.isHttp10 !== true ? [['Connection', 'close'] as const] : [];
  const fields = [...response.headers, ...date, ...length, ...closing];
  const order = fieldOrders[server.style];
  const rank = ([name]: readonly [string, string]) => {
    const at = order.indexOf(name.toLowerCase());
    return at < 0 ? order.indexOf('*') : at;
  };
  fields.sort((a, b) => rank(a) - rank(b));
  const version = server.isHttp10 === true ? 'HTTP/1.0' : 'HTTP/1.1';
  const reason = response.reason ?? reasonPhrase(response.status);
  const named =
    server.style === 'envoy' ? fields.map(([name, value]) => [name.toLowerCase(), value] as const) : fields;
  const head = sys.toBytes(formatHead(`${version} ${response.status} ${reason}`, named));
  const body = options.method === 'HEAD' ? new Uint8Array() : response.body;
  const sent = yield* stream.send(joinBytes([head, body]));
  return sent.ok;
}
