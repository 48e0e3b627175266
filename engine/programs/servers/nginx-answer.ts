/** How nginx answers one request: which server and location, then a file, a `return` or another server's answer. */
import * as sys from '../../net/process/sys.ts';
import { errnoNumber, errnoText } from '../errno-text.ts';
import { ReceiveBuffer, readResponse } from '../http/exchange.ts';
import {
  formatHead,
  type HttpRequest,
  type HttpResponse,
  header,
  httpDate,
  targetPath,
} from '../http/message.ts';
import type { Connection } from './frame.ts';
import { findLocation, type NginxLocation, type NginxServer } from './nginx-config.ts';
import { logError, type NginxConfig } from './nginx-log.ts';
import { errorPage, nginxReason } from './nginx-pages.ts';
import { countOutcome, type NginxPeer, takePeer } from './nginx-upstream.ts';

/** When the image's files were made: the release date of 1.27.5. */
const filesModifiedMs = Date.UTC(2025, 3, 16, 12, 1, 11);

/** Answers a request and writes its line to the access log. */
export function* answerRequest(
  config: NginxConfig,
  request: HttpRequest,
  connection: Connection,
): sys.Sys<HttpResponse> {
  const server = chooseServer(config, request, connection);
  const path = targetPath(request.target);
  const location = server === undefined ? undefined : findLocation(server, path);
  const response =
    location === undefined
      ? errorResponse(config, 404)
      : yield* answerAt({ config, request, connection, location, path, serverName: server?.names[0] ?? '' });
  if (server?.accessLog !== false) yield* logAccess(request, connection, response);
  const wish = header(request.headers, 'connection')?.toLowerCase();
  const keepsAlive = request.version === 'HTTP/1.1' ? wish !== 'close' : wish === 'keep-alive';
  return { ...response, headers: [...response.headers, ['Connection', keepsAlive ? 'keep-alive' : 'close']] };
}

interface Visit {
  readonly config: NginxConfig;
  readonly request: HttpRequest;
  readonly connection: Connection;
  readonly location: NginxLocation;
  readonly path: string;
  readonly serverName: string;
}

function chooseServer(
  config: NginxConfig,
  request: HttpRequest,
  connection: Connection,
): NginxServer | undefined {
  const onPort = config.servers.filter((server) =>
    server.listens.some(
      ({ address, port }) =>
        port === connection.local.port && (address === '0.0.0.0' || address === connection.local.address),
    ),
  );
  const host = (header(request.headers, 'host') ?? '').replace(/:\d+$/, '').toLowerCase();
  return (
    onPort.find((server) => server.names.includes(host)) ??
    onPort.find((server) => server.listens.some((listen) => listen.isDefault)) ??
    onPort[0]
  );
}

function* answerAt(visit: Visit): sys.Sys<HttpResponse> {
  const { config, request, connection, location } = visit;
  const withHeaders = (response: HttpResponse): HttpResponse => {
    const extra = location.headers.map(([name, value]) => [name, fillIn(value, visit)] as const);
    return { ...response, headers: [...response.headers, ...extra] };
  };
  if (location.returns !== undefined) {
    const { status } = location.returns;
    const text = fillIn(location.returns.text, visit);
    if (status >= 301 && status <= 308 && status !== 304) {
      const host = header(request.headers, 'host') ?? connection.local.address;
      const target = text.startsWith('/') ? `http://${host}${text}` : text;
      return withHeaders(errorResponse(config, status, [['Location', target]]));
    }
    if (text === '' && status >= 400) return errorResponse(config, status);
    const type = location.defaultType ?? 'text/plain';
    return withHeaders({
      status,
      headers: [
        ['Server', `nginx/${config.version}`],
        ['Content-Type', type],
      ],
      body: sys.toBytes(text),
    });
  }
  if (location.proxy !== undefined) return yield* passOn(visit);
  if (request.method !== 'GET' && request.method !== 'HEAD') return errorResponse(config, 405);
  const response = yield* serveFile(visit);
  return response.status < 400 ? withHeaders(response) : response;
}

function* serveFile(visit: Visit): sys.Sys<HttpResponse> {
  const { config, request, location, path } = visit;
  const root = location.alias ?? location.root;
  const inside = location.alias === undefined ? path : path.slice(location.path.length);
  const file = `${root}${inside.startsWith('/') || root.endsWith('/') ? '' : '/'}${inside}`;
  const stat = yield* sys.stat(file);
  if (stat?.type === 'directory' && !path.endsWith('/')) {
    const host = header(request.headers, 'host') ?? visit.connection.local.address;
    return errorResponse(config, 301, [['Location', `http://${host}${path}/`]]);
  }
  const candidates = path.endsWith('/') ? location.index.map((name) => `${file}${name}`) : [file];
  for (const candidate of candidates) {
    const content = yield* sys.readFile(candidate);
    if (content.ok) return fileResponse(config, candidate, content.value);
  }
  if (stat?.type === 'directory') {
    yield* logRequestError(visit, 'error', `directory index of "${file}" is forbidden`);
    return errorResponse(config, 403);
  }
  const missing = candidates[0] ?? file;
  if (path.endsWith('/')) {
    yield* logRequestError(visit, 'error', `"${missing}" is not found (2: No such file or directory)`);
  } else {
    yield* logRequestError(visit, 'error', `open() "${missing}" failed (2: No such file or directory)`);
  }
  return errorResponse(config, 404);
}

function fileResponse(config: NginxConfig, file: string, body: Uint8Array): HttpResponse {
  const tag = `${(filesModifiedMs / 1000).toString(16)}-${body.length.toString(16)}`;
  return {
    status: 200,
    headers: [
      ['Server', `nginx/${config.version}`],
      ['Content-Type', contentType(file)],
      ['Content-Length', String(body.length)],
      ['Last-Modified', httpDate(filesModifiedMs)],
      ['ETag', `"${tag}"`],
      ['Accept-Ranges', 'bytes'],
    ],
    body,
  };
}

function* passOn(visit: Visit): sys.Sys<HttpResponse> {
  const { config, request, location } = visit;
  const { proxy } = location;
  if (proxy === undefined) return errorResponse(config, 404);
  const peers = config.upstreams[proxy.upstream] ?? [];
  const target =
    proxy.path === '' ? request.target : `${proxy.path}${request.target.slice(location.path.length)}`;
  const head = formatHead(`${request.method} ${target} HTTP/1.0`, fieldsForUpstream(visit, proxy));
  const tried = new Set<string>();
  let status = 502;
  do {
    const peer = yield* takePeer(proxy.upstream, peers, tried);
    if (peer === undefined) {
      if (tried.size > 0) break;
      const where = `upstream: "http://${proxy.upstream}${target}"`;
      yield* logRequestError(visit, 'error', 'no live upstreams while connecting to upstream', where);
      break;
    }
    tried.add(peer.at);
    const outcome = yield* askPeer(visit, peer, head, proxy);
    const isPutAside = yield* countOutcome(proxy.upstream, peers, peer, 'what' in outcome);
    if ('response' in outcome) return outcome.response;
    const where = `upstream: "http://${peer.at}${target}"`;
    yield* logRequestError(visit, 'error', outcome.what, where);
    if (isPutAside) {
      const warning = 'upstream server temporarily disabled while connecting to upstream';
      yield* logRequestError(visit, 'warn', warning, where);
    }
    status = outcome.status;
    if (outcome.wasSent && !repeatable.has(request.method)) break;
  } while (proxy.triesNext);
  return errorResponse(config, status);
}

/** What may be asked again of another server. Source: ngx_http_proxy_module, proxy_next_upstream, non_idempotent. */
const repeatable: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']);

function fieldsForUpstream(visit: Visit, { upstream, setHeaders }: Proxy): HttpResponse['headers'] {
  const own = [
    ['Host', upstream],
    ['Connection', 'close'],
  ] as const;
  const set = setHeaders.map(([name, value]) => [name, fillIn(value, visit)] as const);
  const names = new Set(set.map(([name]) => name.toLowerCase()));
  const isFree = ([name]: readonly [string, string]) => !names.has(name.toLowerCase());
  return [
    ...own.filter(isFree),
    ...set.filter(([, value]) => value !== ''),
    ...visit.request.headers.filter(([name]) => !/^(host|connection|keep-alive)$/i.test(name)).filter(isFree),
  ];
}

type Proxy = NonNullable<NginxLocation['proxy']>;

type Outcome =
  | { readonly response: HttpResponse }
  /** What is logged, the status when nobody else is asked, and whether the server may have seen the request. */
  | { readonly what: string; readonly status: number; readonly wasSent: boolean };

function* askPeer(visit: Visit, peer: NginxPeer, head: string, proxy: Proxy): sys.Sys<Outcome> {
  const { config, request } = visit;
  const [address = '', port = '80'] = peer.at.split(':');
  const socket = yield* sys.connect(address, Number(port), { timeoutMs: proxy.connectTimeoutMs });
  if (!socket.ok) {
    const isTimeout = socket.error === 'ETIMEDOUT';
    const what = isTimeout ? 'upstream timed out' : 'connect() failed';
    const errno = `(${errnoNumber(socket.error)}: ${errnoText(socket.error)})`;
    return {
      what: `${what} ${errno} while connecting to upstream`,
      status: isTimeout ? 504 : 502,
      wasSent: false,
    };
  }
  yield* sys.send(socket.value, sys.toBytes(head));
  if (request.body.length > 0) yield* sys.send(socket.value, request.body);
  const buffer = new ReceiveBuffer(socket.value);
  buffer.deadlineMs = (yield* sys.now()) + proxy.readTimeoutMs;
  const response = yield* readResponse(buffer, request.method);
  yield* sys.close(socket.value);
  if (!response.ok) {
    const isTimeout = response.error.kind === 'errno' && response.error.errno === 'ETIMEDOUT';
    const doing = 'while reading response header from upstream';
    return isTimeout
      ? { what: `upstream timed out (110: Connection timed out) ${doing}`, status: 504, wasSent: true }
      : { what: `upstream prematurely closed connection ${doing}`, status: 502, wasSent: true };
  }
  const kept = response.value.headers.filter(
    ([name]) => !/^(server|date|connection|transfer-encoding|content-length)$/i.test(name),
  );
  const { status, body } = response.value;
  return { response: { status, headers: [['Server', `nginx/${config.version}`], ...kept], body } };
}

function errorResponse(
  config: NginxConfig,
  status: number,
  headers: HttpResponse['headers'] = [],
): HttpResponse {
  return {
    status,
    reason: nginxReason(status),
    headers: [['Server', `nginx/${config.version}`], ['Content-Type', 'text/html'], ...headers],
    body: sys.toBytes(errorPage(status, config.version)),
  };
}

function* logRequestError(
  visit: Visit,
  level: 'error' | 'warn',
  what: string,
  where?: string,
): sys.Sys<void> {
  const { config, request, connection, serverName } = visit;
  const host = header(request.headers, 'host');
  const parts = [
    `*1 ${what}`,
    `client: ${connection.peer.address}`,
    `server: ${serverName}`,
    `request: "${request.method} ${request.target} ${request.version}"`,
    ...(where === undefined ? [] : [where]),
    ...(host === undefined ? [] : [`host: "${host}"`]),
  ];
  yield* logError(level, config.pid, parts.join(', '));
}

function* logAccess(request: HttpRequest, connection: Connection, response: HttpResponse): sys.Sys<void> {
  const field = (name: string) => header(request.headers, name) ?? '-';
  const sent = request.method === 'HEAD' ? 0 : response.body.length;
  yield* sys.print(
    `${connection.peer.address} - - [${commonLogTime(yield* sys.now())}] "${request.method} ${request.target} ${request.version}" ` +
      `${response.status} ${sent} "${field('referer')}" "${field('user-agent')}" "${field('x-forwarded-for')}"\n`,
  );
}

/** A moment as the common log format writes it: `28/May/2024:13:22:30 +0000`. */
export function commonLogTime(ms: number): string {
  const [, day = '', month = '', year = '', time = ''] =
    /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(httpDate(ms)) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}

/** Puts the values of variables into a text; ones that are not known here become empty. */
function fillIn(text: string, visit: Visit): string {
  const { config, request, connection, path } = visit;
  const host = (header(request.headers, 'host') ?? '').replace(/:\d+$/, '');
  const values = new Map([
    ['hostname', config.hostname],
    ['remote_addr', connection.peer.address],
    ['remote_port', String(connection.peer.port)],
    ['server_addr', connection.local.address],
    ['server_port', String(connection.local.port)],
    ['request_uri', request.target],
    ['uri', path],
    ['request_method', request.method],
    ['host', host === '' ? connection.local.address : host],
    ['http_host', header(request.headers, 'host') ?? ''],
    ['scheme', 'http'],
    ['proxy_host', visit.location.proxy?.upstream ?? ''],
    [
      'proxy_add_x_forwarded_for',
      [header(request.headers, 'x-forwarded-for') ?? [], connection.peer.address].flat().join(', '),
    ],
    ['nginx_version', config.version],
    ['pid', String(config.pid)],
    ['status', '200'],
    ['args', request.target.split('?')[1] ?? ''],
  ]);
  return text.replace(/\$\{?(\w+)\}?/g, (_, name: string) => {
    const field = name.startsWith('http_')
      ? header(request.headers, name.slice(5).replaceAll('_', '-'))
      : undefined;
    return values.get(name) ?? field ?? '';
  });
}

function contentType(file: string): string {
  const extension = file.slice(file.lastIndexOf('.') + 1).toLowerCase();
  return contentTypes.get(extension) ?? 'application/octet-stream';
}

const contentTypes: ReadonlyMap<string, string> = new Map([
  ['html', 'text/html'],
  ['htm', 'text/html'],
  ['css', 'text/css'],
  ['js', 'application/javascript'],
  ['json', 'application/json'],
  ['txt', 'text/plain'],
  ['xml', 'text/xml'],
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['svg', 'image/svg+xml'],
]);
