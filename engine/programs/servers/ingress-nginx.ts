/**
 * ingress-nginx's controller as its image runs it: HTTP on 80, TLS on 443, health and metrics on 10254. Which location takes a
 * request and which certificate is shown is asked of a host service, which stands for the controller's watch of the API; the
 * connections to endpoints are this program's own. One process stands for the controller, nginx's master and its workers.
 * Left out: metrics, the admission webhook, lines of the log about configuration (changes hold at once, with no reload).
 * Source: ingress-nginx, rootfs/etc/nginx/template/nginx.tmpl, internal/ingress/controller/config (access log format).
 */
import { parseCertificates } from '../../base/certificates.ts';
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import { err, ok } from '../../base/result.ts';
import * as sys from '../../net/process/sys.ts';
import type { ProcessStart, Program } from '../../net/process/syscalls.ts';
import { errnoNumber, errnoText } from '../errno-text.ts';
import type { ReceivedResponse } from '../http/exchange.ts';
import { type HttpRequest, type HttpResponse, header } from '../http/message.ts';
import { type HttpServer, serveHttp, textResponse } from '../http/server.ts';
import { type ByteStream, socketStream } from '../http/stream.ts';
import { type ForwardAction, isProxyAction, type ProxyAction, type ProxyRequest } from '../proxy/action.ts';
import { type Attempt, endToEndFields, type Forwarded, forward } from '../proxy/forward.ts';
import { alerts } from '../tls/records.ts';
import { acceptTls } from '../tls/session.ts';
import type { Connection } from './frame.ts';
import { commonLogTime } from './nginx-answer.ts';
import { logError } from './nginx-log.ts';
import { errorPage, nginxReason } from './nginx-pages.ts';

/** Names the service that knows the API. */
const hostService = 'ingress/nginx';

const httpsPort = 443;
const healthPort = 10254;

type Config = { readonly argv: readonly string[]; readonly pid: number };

/** `/nginx-ingress-controller`. */
export const ingressNginx: Program = function* (start) {
  return yield* serveHttp(start, server);
};

/** `dumb-init`: starts what its arguments say in its own place. */
export const dumbInit: Program = function* ({ argv }) {
  const command = argv.slice(1).filter((argument, index) => index > 0 || argument !== '--');
  const errno = yield* sys.exec(command);
  yield* sys.printError(`[dumb-init] ${command[0] ?? ''}: ${errnoText(errno)}\n`);
  return 2;
};

const server: HttpServer<Config> = {
  keepAliveMs: 75_000,
  style: 'nginx',
  isConfig: (value: JsonValue): value is Config => isJsonObject(value) && Array.isArray(value.argv),
  setUp,
  open,
  handle: (config, request, connection) =>
    connection.local.port === healthPort ? answerHealth(request) : answer(config, request, connection),
  badRequest: () => page(400, [['Connection', 'close']]),
};

function* setUp({ argv, env }: ProcessStart) {
  const listeners: number[] = [];
  for (const port of [80, httpsPort, healthPort]) {
    const listener = yield* sys.listen('tcp', '0.0.0.0', port);
    if (!listener.ok) {
      yield* sys.printError(`F Port ${port} is already in use. Please check the flag --http-port\n`);
      return 255;
    }
    listeners.push(listener.value);
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const)
    yield* sys.setSignal(signal, { exitCode: 0 });
  const version = env.get('INGRESS_NGINX_VERSION') ?? 'v1.14.1';
  const line = '-'.repeat(79);
  yield* sys.print(
    `${line}\nNGINX Ingress controller\n  Release:       ${version}\n  Repository:    https://github.com/kubernetes/ingress-nginx\n  nginx version: nginx/1.27.1\n\n${line}\n\n`,
  );
  return { listeners, config: { argv: argv.slice(1), pid: 7 } };
}

/** On 443 a handshake comes first; who speaks plain HTTP there is told so. */
function* open(config: Config, connection: Connection): sys.Sys<ByteStream | undefined> {
  if (connection.local.port !== httpsPort) return socketStream(connection.socket);
  const deadlineMs = (yield* sys.now()) + 60_000;
  const session = yield* acceptTls(
    connection.socket,
    function* (hello) {
      const serverName = hello.serverName ?? null;
      const told = yield* sys.host(hostService, { ask: 'certificate', argv: config.argv, serverName });
      const pem = told.ok && typeof told.value === 'string' ? told.value : '';
      const certificates = parseCertificates(pem) ?? [];
      return certificates.length === 0 ? err(alerts.internalError) : ok(certificates.map(({ raw }) => raw));
    },
    deadlineMs,
  );
  if (session.ok) return session.value.stream;
  const { error } = session;
  if (error.kind === 'not-tls' && /^[A-Z]+ /.test(sys.toText(error.bytes.subarray(0, 16)))) {
    const body = errorPage(400).replace(
      '</body>',
      '<center>The plain HTTP request was sent to HTTPS port</center>\r\n</body>',
    );
    yield* sys.send(
      connection.socket,
      sys.toBytes(
        `HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
      ),
    );
  }
  return undefined;
}

function answerHealth(request: HttpRequest): HttpResponse {
  return request.target === '/healthz' ? textResponse(200, 'ok') : textResponse(404, '404 page not found\n');
}

function* answer(config: Config, request: HttpRequest, connection: Connection): sys.Sys<HttpResponse> {
  const startedMs = yield* sys.now();
  const id = header(request.headers, 'x-request-id') ?? (yield* requestId());
  const facts = yield* factsOf(request, connection, id);
  const told = yield* sys.host(hostService, { ask: 'route', argv: config.argv, request: facts });
  const action = told.ok && isProxyAction(told.value) ? told.value : unavailable;
  let forwarded: Forwarded | undefined;
  let response: HttpResponse;
  if (action.kind === 'respond') response = page(action.status, action.headers, action.body);
  else {
    forwarded = yield* forward(action, request.body);
    yield* logAttempts(config, request, connection, action, forwarded.attempts);
    response =
      forwarded.response === undefined
        ? page(failureStatus(forwarded.attempts), action.addedHeaders)
        : passBack(forwarded.response, action);
  }
  yield* logAccess({ request, connection, response, action, forwarded, startedMs, id });
  const wish = header(request.headers, 'connection')?.toLowerCase();
  const keepsAlive = request.version === 'HTTP/1.1' ? wish !== 'close' : wish === 'keep-alive';
  return { ...response, headers: [...response.headers, ['Connection', keepsAlive ? 'keep-alive' : 'close']] };
}

const unavailable: ProxyAction = { kind: 'respond', status: 503, headers: [] };

function* factsOf(request: HttpRequest, connection: Connection, id: string): sys.Sys<ProxyRequest> {
  const host = (header(request.headers, 'host') ?? '').replace(/:\d+$/, '').toLowerCase();
  const announced = Number(header(request.headers, 'content-length') ?? 0);
  const hasId = header(request.headers, 'x-request-id') !== undefined;
  return {
    method: request.method,
    target: request.target,
    scheme: connection.local.port === httpsPort ? 'https' : 'http',
    host,
    headers: hasId ? request.headers : [...request.headers, ['X-Request-ID', id]],
    bodyBytes: Math.max(request.body.length, Number.isFinite(announced) ? announced : 0),
    clientAddress: connection.peer.address,
    localPort: connection.local.port,
    chance: yield* sys.random(),
  };
}

/** 128 bits in hexadecimal. */
function* requestId(): sys.Sys<string> {
  let id = '';
  while (id.length < 32) {
    id += Math.floor((yield* sys.random()) * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  }
  return id;
}

function page(status: number, headers: HttpResponse['headers'] = [], body?: string): HttpResponse {
  const text = body ?? errorPage(status);
  return {
    status,
    reason: nginxReason(status),
    headers:
      header(headers, 'content-type') === undefined ? [['Content-Type', 'text/html'], ...headers] : headers,
    body: sys.toBytes(text),
  };
}

function passBack(received: ReceivedResponse, action: ForwardAction): HttpResponse {
  const kept = endToEndFields(received.headers).filter(
    ([name]) => !action.hiddenHeaders.includes(name.toLowerCase()),
  );
  const { status, reason, body } = received;
  // A HEAD's length is that of the body which is not there.
  const length = header(received.headers, 'content-length');
  const lengthField =
    action.method === 'HEAD' && length !== undefined ? [['Content-Length', length] as const] : [];
  return { status, reason, headers: [...kept, ...lengthField, ...action.addedHeaders], body };
}

/** Source: ngx_http_upstream_next and ngx_http_upstream_finalize_request: time-outs are 504, all else is 502. */
function failureStatus(attempts: readonly Attempt[]): number {
  const failure = attempts.at(-1)?.failure;
  const isLate = (failure?.kind === 'connect' || failure?.kind === 'read') && failure.errno === 'ETIMEDOUT';
  if (failure?.kind === 'name') return 503;
  return isLate ? 504 : 502;
}

function* logAttempts(
  config: Config,
  request: HttpRequest,
  connection: Connection,
  action: ForwardAction,
  attempts: readonly Attempt[],
): sys.Sys<void> {
  for (const { endpoint, failure } of attempts) {
    if (failure === undefined) continue;
    const host = header(request.headers, 'host') ?? '';
    const upstream = `${action.secure ? 'https' : 'http'}://${endpoint}${action.target}`;
    yield* logError(
      'error',
      config.pid,
      `*1 ${describeFailure(failure)}, client: ${connection.peer.address}, server: ${host}, request: "${request.method} ${request.target} ${request.version}", upstream: "${upstream}", host: "${host}"`,
    );
  }
}

function describeFailure(failure: NonNullable<Attempt['failure']>): string {
  switch (failure.kind) {
    case 'connect':
      return failure.errno === 'ETIMEDOUT'
        ? 'upstream timed out (110: Operation timed out) while connecting to upstream'
        : `connect() failed (${errnoNumber(failure.errno)}: ${errnoText(failure.errno)}) while connecting to upstream`;
    case 'read':
      return failure.errno === 'ETIMEDOUT'
        ? 'upstream timed out (110: Operation timed out) while reading response header from upstream'
        : `recv() failed (${errnoNumber(failure.errno)}: ${errnoText(failure.errno)}) while reading response header from upstream`;
    case 'closed':
      return 'upstream prematurely closed connection while reading response header from upstream';
    case 'malformed':
      return 'upstream sent no valid HTTP/1.0 header while reading response header from upstream';
    case 'tls':
      return 'SSL_do_handshake() failed (SSL: error:0A00010B:SSL routines::wrong version number) while SSL handshaking to upstream';
    default:
      return 'no host of the upstream could be resolved while connecting to upstream';
  }
}

/** Source: config.go, logFormatUpstream. */
function* logAccess(visit: {
  readonly request: HttpRequest;
  readonly connection: Connection;
  readonly response: HttpResponse;
  readonly action: ProxyAction;
  readonly forwarded: Forwarded | undefined;
  readonly startedMs: number;
  readonly id: string;
}): sys.Sys<void> {
  const { request, connection, response, action, forwarded, startedMs, id } = visit;
  const nowMs = yield* sys.now();
  const field = (name: string) => header(request.headers, name) ?? '-';
  const line = `${request.method} ${request.target} ${request.version}`;
  const requestLength =
    line.length + 4 + request.headers.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
  const attempts = forwarded?.attempts ?? [];
  const joined = (values: readonly string[]) => (values.length === 0 ? '-' : values.join(', '));
  const isAnswer = (attempt: Attempt) => attempt.failure === undefined;
  const sent = request.method === 'HEAD' ? 0 : response.body.length;
  yield* sys.print(
    `${connection.peer.address} - - [${commonLogTime(nowMs)}] "${line}" ${response.status} ${sent} ` +
      `"${field('referer')}" "${field('user-agent')}" ${requestLength + request.body.length} ${seconds(nowMs - startedMs)} ` +
      `[${action.upstream ?? '-'}] [] ${joined(attempts.map(({ endpoint }) => endpoint))} ` +
      `${joined(attempts.map((attempt) => (isAnswer(attempt) ? String(forwarded?.response?.body.length ?? 0) : '0')))} ` +
      `${joined(attempts.map(({ tookMs }) => seconds(tookMs)))} ` +
      `${joined(attempts.map((attempt) => (isAnswer(attempt) ? String(response.status) : String(failureStatus([attempt])))))} ${id}\n`,
  );
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
