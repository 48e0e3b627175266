/** Apache httpd as in its container image: files below its document root, its error pages and its logs. */
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import { isLinks } from '../../net/process/inspect.ts';
import * as sys from '../../net/process/sys.ts';
import type { ProcessStart, Program } from '../../net/process/syscalls.ts';
import { errnoNumber, errnoText } from '../errno-text.ts';
import {
  type HttpRequest,
  type HttpResponse,
  header,
  httpDate,
  reasonPhrase,
  targetPath,
} from '../http/message.ts';
import { serveHttp } from '../http/server.ts';
import type { Connection, Ready } from './frame.ts';
import { commonLogTime } from './nginx-answer.ts';

type ApacheConfig = { readonly version: string; readonly root: string };

/** httpd. */
export const apache: Program = (start) =>
  serveHttp<ApacheConfig>(start, {
    style: 'apache',
    keepAliveMs: 5000,
    setUp,
    isConfig: (value: JsonValue): value is ApacheConfig =>
      isJsonObject(value) && typeof value.root === 'string',
    handle: answer,
  });

function* setUp(start: ProcessStart): sys.Sys<Ready<ApacheConfig> | number> {
  const version = start.env.get('HTTPD_VERSION') ?? '2.4.65';
  if (start.argv.includes('-v')) {
    yield* sys.print(`Server version: Apache/${version} (Unix)\nServer built:   May 28 2024 13:22:30\n`);
    return 0;
  }
  const configuration = (yield* sys.readText('/usr/local/apache2/conf/httpd.conf')) ?? '';
  const listen = /^\s*Listen\s+(?:([\d.]+):)?(\d+)/m.exec(configuration);
  const root = /^\s*DocumentRoot\s+"?([^"\n]+)"?/m.exec(configuration)?.[1] ?? '/usr/local/apache2/htdocs';
  const [address, port] = [listen?.[1] ?? '0.0.0.0', Number(listen?.[2] ?? 80)];
  const links = yield* sys.inspect('links');
  const own = isLinks(links)
    ? links.filter(({ kind }) => kind !== 'loopback').flatMap((link) => link.addresses)[0]?.address
    : undefined;
  const warning = `AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using ${own ?? '127.0.0.1'}. Set the 'ServerName' directive globally to suppress this message\n`;
  yield* sys.printError(warning);
  const socket = yield* sys.listen('tcp', address, port);
  if (!socket.ok) {
    yield* sys.printError(
      `(${errnoNumber(socket.error)})${errnoText(socket.error)}: AH00072: make_sock: could not bind to address ${address}:${port}\nno listening sockets available, shutting down\nAH00015: Unable to open logs\n`,
    );
    return 1;
  }
  yield* sys.printError(warning);
  const pid = yield* sys.getpid();
  const stamp = errorLogTime(yield* sys.now());
  const prefix = (module: string) => `[${stamp}] [${module}:notice] [pid ${pid}:tid ${pid}]`;
  yield* sys.printError(
    `${prefix('mpm_event')} AH00489: Apache/${version} (Unix) configured -- resuming normal operations\n${prefix('core')} AH00094: Command line: '${['httpd', '-D', 'FOREGROUND'].join(' ')}'\n`,
  );
  yield* sys.setSignal('SIGTERM', { exitCode: 0 });
  return { listeners: [socket.value], config: { version, root } };
}

function* answer(config: ApacheConfig, request: HttpRequest, { peer }: Connection): sys.Sys<HttpResponse> {
  const response = yield* respond(config, request);
  const sent = request.method === 'HEAD' || response.body.length === 0 ? '-' : String(response.body.length);
  yield* sys.print(
    `${peer.address} - - [${commonLogTime(yield* sys.now())}] "${request.method} ${request.target} ${request.version}" ${response.status} ${sent}\n`,
  );
  return response;
}

function* respond(config: ApacheConfig, request: HttpRequest): sys.Sys<HttpResponse> {
  const path = targetPath(request.target);
  if (request.method !== 'GET' && request.method !== 'HEAD' && request.method !== 'POST') {
    return errorPage(
      config,
      405,
      `<p>The requested method ${request.method} is not allowed for this URL.</p>`,
    );
  }
  const stat = yield* sys.stat(`${config.root}${path}`);
  if (stat?.type === 'directory' && !path.endsWith('/')) {
    const host = header(request.headers, 'host') ?? '';
    const target = `http://${host}${path}/`;
    return {
      ...errorPage(config, 301, `<p>The document has moved <a href="${target}">here</a>.</p>`, [
        ['Location', target],
      ]),
    };
  }
  const file = `${config.root}${path}${path.endsWith('/') ? 'index.html' : ''}`;
  const content = yield* sys.readFile(file);
  if (!content.ok) return errorPage(config, 404, '<p>The requested URL was not found on this server.</p>');
  const modifiedMs = Date.UTC(2007, 5, 11, 18, 53, 14);
  return {
    status: 200,
    headers: [
      ['Server', `Apache/${config.version} (Unix)`],
      ['Last-Modified', httpDate(modifiedMs)],
      ['ETag', `"${content.value.length.toString(16)}-432a5e4a73a80"`],
      ['Accept-Ranges', 'bytes'],
      ['Content-Length', String(content.value.length)],
      ['Content-Type', /\.html?$/.test(file) ? 'text/html' : 'text/plain'],
    ],
    body: content.value,
  };
}

function errorPage(
  config: ApacheConfig,
  status: number,
  text: string,
  headers: HttpResponse['headers'] = [],
): HttpResponse {
  const reason = reasonPhrase(status);
  const body = `<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>${status} ${reason}</title>\n</head><body>\n<h1>${reason}</h1>\n${text}\n</body></html>\n`;
  return {
    status,
    headers: [
      ['Server', `Apache/${config.version} (Unix)`],
      ...headers,
      ['Content-Type', 'text/html; charset=iso-8859-1'],
    ],
    body: sys.toBytes(body),
  };
}

/** `Tue May 28 13:22:30.000000 2024`. */
function errorLogTime(ms: number): string {
  const [weekday = '', day = '', month = '', year = '', time = ''] = httpDate(ms).replace(',', '').split(' ');
  return `${weekday} ${month} ${day} ${time}.${String(ms % 1000).padStart(3, '0')}000 ${year}`;
}
