/**
 * Envoy as Envoy Gateway runs it: a proxy that listens where its Gateway's listeners are, and follows their changes without
 * losing a connection. What becomes of a request is asked of a host service, which stands for the configuration that Envoy is
 * sent; the connections to endpoints are this program's own. The access log is Envoy Gateway's default, one JSON object a line.
 * Left out: HTTP/2 (a call of gRPC comes as HTTP/1.1), the administration port, statistics, retries.
 * Source: envoyproxy/gateway, internal/xds/translator/{listener,accesslog}.go; envoyproxy/envoy, source/common/http/utility.cc
 * (sendLocalReply), source/common/grpc/status.cc.
 */
import { parseCertificates } from '../../base/certificates.ts';
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import * as sys from '../../net/process/sys.ts';
import type { ProcessStart, Program } from '../../net/process/syscalls.ts';
import type { ReceivedResponse } from '../http/exchange.ts';
import { type HttpRequest, type HttpResponse, header } from '../http/message.ts';
import { type HttpServer, serveHttp } from '../http/server.ts';
import { type ByteStream, socketStream } from '../http/stream.ts';
import { type ForwardAction, isProxyAction } from '../proxy/action.ts';
import { type Attempt, endToEndFields, forward } from '../proxy/forward.ts';
import { passThrough } from '../proxy/pass-through.ts';
import { answerTls, readClientHello } from '../tls/session.ts';
import { describeVisit } from './envoy-log.ts';
import type { Connection, Ready } from './frame.ts';

/** Names the service that knows the configuration. */
const hostService = 'gateway/envoy';

const statisticsPort = 19_001;
const readinessPort = 19_003;
/** How long a client may take for its handshake. Source: envoyproxy/gateway, internal/xds/translator/listener.go. */
const handshakeMs = 10_000;

type OpenPort = { readonly socket: number; readonly port: number; readonly speaks: string };
type Config = { readonly gateway: string; readonly ports: readonly OpenPort[] };

/** `envoy`. */
export const envoy: Program = function* (start) {
  const { resume } = start;
  if (isJsonObject(resume) && resume.at === 'mirror') {
    const { action, body } = resume;
    if (isProxyAction(action) && action.kind === 'forward')
      yield* forward(action, Buffer.from(String(body), 'base64'));
    return 0;
  }
  return yield* serveHttp(start, server);
};

const server: HttpServer<Config> = {
  keepAliveMs: 3_600_000,
  style: 'envoy',
  isConfig: (value: JsonValue): value is Config =>
    isJsonObject(value) && typeof value.gateway === 'string' && Array.isArray(value.ports),
  setUp,
  news: {
    topicOf: ({ gateway }) => `${hostService}/${gateway}`,
    refresh: (ready) => followPorts(ready.config),
  },
  open,
  handle: (config, request, connection) =>
    connection.local.port === readinessPort || connection.local.port === statisticsPort
      ? answerAdministration(request, connection.local.port)
      : answer(config, request, connection),
  badRequest: () => ({ status: 400, headers: [['connection', 'close']], body: new Uint8Array() }),
};

function* setUp({ argv }: ProcessStart): sys.Sys<Ready<Config> | number> {
  // The container's arguments each hold an option with its value.
  const gateway = /(?:^| )--service-cluster[ =](\S+)/.exec(argv.slice(1).join(' '))?.[1];
  if (gateway === undefined) {
    yield* sys.printError(
      'error initializing configuration: At least one of --config-path or --config-yaml or Options::configProto() should be non-empty\n',
    );
    return 1;
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) yield* sys.setSignal(signal, { exitCode: 0 });
  const own: OpenPort[] = [];
  for (const port of [statisticsPort, readinessPort]) {
    const socket = yield* sys.listen('tcp', '0.0.0.0', port);
    if (!socket.ok) return 1;
    own.push({ socket: socket.value, port, speaks: 'http' });
  }
  return yield* followPorts({ gateway, ports: own });
}

/** Listens where the configuration says, and no longer where it does not. */
function* followPorts(config: Config): sys.Sys<Ready<Config>> {
  const told = yield* sys.host(hostService, { ask: 'ports', gateway: config.gateway });
  const wanted = told.ok && Array.isArray(told.value) ? told.value.filter(isJsonObject) : [];
  const ports: OpenPort[] = [];
  for (const known of config.ports) {
    const isOwn = known.port === statisticsPort || known.port === readinessPort;
    const now = wanted.find(({ port }) => port === known.port);
    if (isOwn) ports.push(known);
    else if (now === undefined) yield* sys.close(known.socket);
    else ports.push({ ...known, speaks: String(now.speaks) });
  }
  for (const { port, speaks } of wanted) {
    if (ports.some((known) => known.port === port)) continue;
    const socket = yield* sys.listen('tcp', '0.0.0.0', Number(port));
    if (socket.ok) ports.push({ socket: socket.value, port: Number(port), speaks: String(speaks) });
  }
  return { listeners: ports.map(({ socket }) => socket), config: { gateway: config.gateway, ports } };
}

/** Where TLS comes first, the name that it asks for says whether it ends here. */
function* open(config: Config, connection: Connection): sys.Sys<ByteStream | undefined> {
  const { socket, local } = connection;
  const speaks = config.ports.find(({ port }) => port === local.port)?.speaks;
  if (speaks !== 'tls') return socketStream(socket);
  const deadlineMs = (yield* sys.now()) + handshakeMs;
  const received = yield* readClientHello(socket, deadlineMs);
  if (!received.ok) return undefined;
  const serverName = received.value.hello.serverName ?? '';
  const chance = yield* sys.random();
  const question = { ask: 'tls', gateway: config.gateway, port: local.port, serverName, chance };
  const told = yield* sys.host(hostService, question);
  // No filter chain takes it: the connection ends without a word.
  if (!told.ok || !isJsonObject(told.value)) return undefined;
  const { next, endpoints, certificate } = told.value;
  const targets = Array.isArray(endpoints) ? endpoints.map(String) : [];
  if (next === 'pass') {
    yield* passThrough({ socket, stream: socketStream(socket) }, targets, received.value.bytes);
    return undefined;
  }
  const certificates = (parseCertificates(String(certificate)) ?? []).map(({ raw }) => raw);
  const session = yield* answerTls(socket, received.value, certificates, deadlineMs);
  if (!session.ok) return undefined;
  if (next === 'http') return session.value.stream;
  yield* passThrough({ socket, stream: session.value.stream }, targets, new Uint8Array());
  return undefined;
}

function answerAdministration(request: HttpRequest, port: number): HttpResponse {
  const path = request.target.split('?', 1)[0];
  if (port === readinessPort && path === '/ready') return localReply(200, 'LIVE\n');
  if (port === statisticsPort && path === '/stats/prometheus') return localReply(200, '');
  return localReply(404, '');
}

function* answer(config: Config, request: HttpRequest, connection: Connection): sys.Sys<HttpResponse> {
  const startedMs = yield* sys.now();
  const hostField = header(request.headers, 'host');
  if (request.version === 'HTTP/1.0') return { ...localReply(426, ''), headers: [['connection', 'close']] };
  if (hostField === undefined) return localReply(400, '');
  const facts = yield* factsOf(config, request, connection, hostField);
  const told = yield* sys.host(hostService, { ask: 'route', gateway: config.gateway, request: facts });
  const verdict = told.ok && isJsonObject(told.value) ? told.value : {};
  const action = isProxyAction(verdict.action) ? verdict.action : undefined;
  let response: HttpResponse;
  let attempt: Attempt | undefined;
  let { flags = 'NR', details = 'route_not_found' } = verdict;
  if (action === undefined) response = localReply(404, '');
  else if (action.kind === 'respond') response = localReply(action.status, action.body ?? '', action.headers);
  else {
    yield* sendMirrors(verdict.mirrors, request.body);
    const { response: received, attempts } = yield* forward(action, request.body);
    attempt = attempts.at(-1);
    if (received === undefined) {
      const failure = describeFailure(attempt);
      [flags, details] = [failure.flags, failure.details];
      response = localReply(failure.status, failure.body, action.addedHeaders);
    } else response = passBack(received, action);
  }
  if (action?.kind !== 'forward' || attempt?.failure !== undefined) response = asGrpc(request, response);
  yield* sys.print(
    describeVisit({
      request,
      connection,
      response,
      startedMs,
      tookMs: (yield* sys.now()) - startedMs,
      requestId: facts.requestId,
      clientAddress: connection.peer.address,
      serverName: facts.scheme === 'https' ? facts.host : undefined,
      flags: String(flags),
      details: String(details),
      route: String(verdict.route ?? '-'),
      cluster: String(verdict.cluster ?? ''),
      upstreamHost: attempt?.endpoint,
    }),
  );
  return response;
}

function* factsOf(config: Config, request: HttpRequest, { peer, local }: Connection, hostField: string) {
  const speaks = config.ports.find(({ port }) => port === local.port)?.speaks;
  return {
    method: request.method,
    target: request.target,
    scheme: speaks === 'tls' ? 'https' : 'http',
    host: hostField.replace(/:\d+$/, '').toLowerCase(),
    headers: request.headers.map(([name, value]) => [name, value]),
    bodyBytes: request.body.length,
    clientAddress: peer.address,
    localPort: local.port,
    chance: yield* sys.random(),
    requestId: yield* randomUuid(),
  };
}

/** Source: RFC 9562, section 5.4. */
function* randomUuid(): sys.Sys<string> {
  let digits = '';
  while (digits.length < 32) {
    const part = Math.floor((yield* sys.random()) * 2 ** 32).toString(16);
    digits += part.padStart(8, '0');
  }
  const variant = '89ab'[Number.parseInt(digits.charAt(16), 16) % 4] ?? '8';
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`;
}

/** Copies are sent by threads of their own: nobody waits for their answers. */
function* sendMirrors(mirrors: JsonValue | undefined, body: Uint8Array): sys.Sys<void> {
  for (const action of Array.isArray(mirrors) ? mirrors : []) {
    yield* sys.thread({ at: 'mirror', action, body: Buffer.from(body).toString('base64') });
  }
}

/** An answer of Envoy's own. */
function localReply(status: number, body: string, headers: HttpResponse['headers'] = []): HttpResponse {
  const bytes = sys.toBytes(body);
  const hasType = header(headers, 'content-type') !== undefined;
  const fields: HttpResponse['headers'] =
    body === ''
      ? headers
      : [
          ['content-length', String(bytes.length)],
          ...(hasType ? [] : [['content-type', 'text/plain'] as const]),
          ...headers,
        ];
  return { status, headers: fields, body: bytes };
}

function passBack(received: ReceivedResponse, action: ForwardAction): HttpResponse {
  const kept = endToEndFields(received.headers).filter(
    ([name]) => !action.hiddenHeaders.includes(name.toLowerCase()),
  );
  const { status, reason, body } = received;
  return { status, reason, headers: [...kept, ...action.addedHeaders], body };
}

/** Source: envoyproxy/envoy, source/common/router/router.cc (onUpstreamReset, onResponseTimeout). */
function describeFailure(attempt: Attempt | undefined): {
  readonly status: number;
  readonly body: string;
  readonly flags: string;
  readonly details: string;
} {
  const reset = (flags: string, details: string, reason: string) => ({
    status: 503,
    body: `upstream connect error or disconnect/reset before headers. reset reason: ${reason}`,
    flags,
    details: `upstream_reset_before_response_started{${details}}`,
  });
  const failure = attempt?.failure;
  switch (failure?.kind) {
    case 'connect': {
      if (failure.errno === 'ETIMEDOUT') return reset('UF', 'connection_timeout', 'connection timeout');
      const why = failure.errno === 'ECONNREFUSED' ? 'Connection refused' : 'No route to host';
      const transport = `transport failure reason: delayed connect error: ${why}`;
      const details = `remote_connection_failure|delayed_connect_error:_${why.replaceAll(' ', '_')}`;
      return reset('UF', details, `remote connection failure, ${transport}`);
    }
    case 'read':
      if (failure.errno === 'ETIMEDOUT')
        return { status: 504, body: 'upstream request timeout', flags: 'UT', details: 'response_timeout' };
      return reset('UC', 'connection_termination', 'connection termination');
    case 'malformed':
      return reset('UPE', 'protocol_error', 'protocol error');
    default:
      return reset('UC', 'connection_termination', 'connection termination');
  }
}

/** A call of gRPC is told of failures in gRPC's own words. Source: envoy, Grpc::Utility::httpToGrpcStatus. */
function asGrpc(request: HttpRequest, response: HttpResponse): HttpResponse {
  const isCall = /^application\/grpc(?:$|[+;])/.test(header(request.headers, 'content-type') ?? '');
  if (!isCall || response.status < 400) return response;
  const codes = new Map([
    [400, 13],
    [401, 16],
    [403, 7],
    [404, 12],
    [429, 14],
    [502, 14],
    [503, 14],
    [504, 14],
  ]);
  const message = sys.toText(response.body);
  const headers: HttpResponse['headers'] = [
    ['content-type', 'application/grpc'],
    ['grpc-status', String(codes.get(response.status) ?? 2)],
    ...(message === '' ? [] : [['grpc-message', encodeURI(message)] as const]),
  ];
  return { status: 200, headers, body: new Uint8Array() };
}
