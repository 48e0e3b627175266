/** Servers of a folder: busybox httpd, and Python's http.server. */
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { parseArguments } from '../arguments.ts';
import { errnoNumber, errnoText } from '../errno-text.ts';
import { type HttpRequest, type HttpResponse, httpDate, targetPath } from '../http/message.ts';
import { serveHttp } from '../http/server.ts';
import type { Connection } from './frame.ts';

type FolderConfig = { readonly folder: string; readonly version: string; readonly verbose: boolean };

const isFolderConfig = (value: JsonValue): value is FolderConfig =>
  isJsonObject(value) && typeof value.folder === 'string';

/** busybox httpd. Without -f it goes on in the background, which in a container ends the container. */
export const busyboxHttpd: Program = (start) =>
  serveHttp<FolderConfig>(start, {
    style: 'go',
    isConfig: isFolderConfig,
    handle: answerBusybox,
    *setUp({ argv, cwd }) {
      const parsed = parseArguments(argv.slice(1), {
        flags: { f: 'foreground', i: 'inetd', v: 'verbose' },
        values: { p: 'port', h: 'home', c: 'config', u: 'user', r: 'realm' },
      });
      if (!parsed.ok) {
        yield* sys.printError(
          `httpd: invalid option -- '${parsed.error.option.slice(1)}'\nBusyBox v1.36.1 (2024-05-28 13:22:30 UTC) multi-call binary.\n\nUsage: httpd [-ifv[v]] [-c CONFFILE] [-p [IP:]PORT] [-u USER[:GRP]] [-r REALM] [-h HOME]\n`,
        );
        return 1;
      }
      const args = parsed.value;
      if (!args.flags.has('foreground')) {
        const child = yield* sys.spawn([argv[0] ?? 'httpd', '-f', ...argv.slice(1)]);
        return child.ok ? 0 : 1;
      }
      const [port = '80', address = '0.0.0.0'] = (args.value('port') ?? '80').split(':').reverse();
      const bound = address === 'localhost' ? '127.0.0.1' : address;
      const socket = yield* sys.listen('tcp', bound, Number(port));
      if (!socket.ok) {
        yield* sys.printError(`httpd: bind: ${errnoText(socket.error)}\n`);
        return 1;
      }
      const home = args.value('home') ?? cwd;
      const folder = home.startsWith('/') ? home : `${cwd === '/' ? '' : cwd}/${home}`;
      return {
        listeners: [socket.value],
        config: { folder, version: '', verbose: args.flags.has('verbose') },
      };
    },
  });

/** `python -m http.server`; other scripts are not run here and say so. */
export const python: Program = (start) =>
  serveHttp<FolderConfig>(start, {
    style: 'nginx',
    isHttp10: true,
    isConfig: isFolderConfig,
    handle: answerPython,
    *setUp({ argv, cwd, env }) {
      const version = env.get('PYTHON_VERSION') ?? '3.12.7';
      const args = argv.slice(1).filter((argument) => argument !== '-u');
      if (args[0] === '--version' || args[0] === '-V') {
        yield* sys.print(`Python ${version}\n`);
        return 0;
      }
      if (args[0] !== '-m' || args[1] !== 'http.server') {
        const [script] = args;
        if (script === undefined) return 0;
        const path = script.startsWith('/') ? script : `${cwd === '/' ? '' : cwd}/${script}`;
        if (!script.startsWith('-') && (yield* sys.stat(path)) === undefined) {
          yield* sys.printError(
            `${argv[0] ?? 'python'}: can't open file '${path}': [Errno 2] No such file or directory\n`,
          );
          return 2;
        }
        yield* sys.printError(
          `kubedrill: Python code is not run here, only "python -m http.server [PORT]"\n`,
        );
        return 1;
      }
      const parsed = parseArguments(args.slice(2), {
        flags: { cgi: 'cgi' },
        values: {
          b: 'bind',
          bind: 'bind',
          d: 'directory',
          directory: 'directory',
          p: 'protocol',
          protocol: 'protocol',
        },
      });
      const port = parsed.ok ? Number(parsed.value.operands[0] ?? 8000) : Number.NaN;
      if (!parsed.ok || Number.isNaN(port)) {
        yield* sys.printError(
          'usage: server.py [-h] [--cgi] [-b ADDRESS] [-d DIRECTORY] [-p VERSION] [port]\nserver.py: error: unrecognized arguments\n',
        );
        return 2;
      }
      const address = parsed.value.value('bind') ?? '0.0.0.0';
      const socket = yield* sys.listen('tcp', address, port);
      if (!socket.ok) {
        yield* sys.printError(
          `Traceback (most recent call last):\nOSError: [Errno ${errnoNumber(socket.error)}] ${errnoText(socket.error)}\n`,
        );
        return 1;
      }
      yield* sys.print(`Serving HTTP on ${address} port ${port} (http://${address}:${port}/) ...\n`);
      const folder = parsed.value.value('directory') ?? cwd;
      return { listeners: [socket.value], config: { folder, version, verbose: true } };
    },
  });

function* answerBusybox(
  config: FolderConfig,
  request: HttpRequest,
  { peer }: Connection,
): sys.Sys<HttpResponse> {
  const response = yield* busyboxResponse(config, request);
  if (config.verbose) yield* sys.printError(`${peer.address}:${peer.port}: response:${response.status}\n`);
  return { ...response, headers: [...response.headers, ['Connection', 'close']] };
}

function* busyboxResponse(config: FolderConfig, request: HttpRequest): sys.Sys<HttpResponse> {
  const path = targetPath(request.target);
  const file = `${config.folder}${path}${path.endsWith('/') ? 'index.html' : ''}`;
  const content = yield* sys.readFile(file);
  if (content.ok) {
    const headers = [
      ['Content-type', /\.html?$/.test(file) ? 'text/html' : 'text/plain'],
      ['Accept-Ranges', 'bytes'],
    ] as const;
    return { status: 200, headers, body: content.value };
  }
  const body =
    '<HTML><HEAD><TITLE>404 Not Found</TITLE></HEAD>\n<BODY><H1>404 Not Found</H1>\nThe requested URL was not found\n</BODY></HTML>\n';
  return { status: 404, headers: [['Content-type', 'text/html']], body: sys.toBytes(body) };
}

function* answerPython(
  config: FolderConfig,
  request: HttpRequest,
  { peer }: Connection,
): sys.Sys<HttpResponse> {
  const response = yield* pythonResponse(config, request);
  const now = yield* sys.now();
  const [, day = '', month = '', year = '', time = ''] = httpDate(now).replace(',', '').split(' ');
  const line = (text: string) =>
    sys.printError(`${peer.address} - - [${day}/${month}/${year} ${time}] ${text}\n`);
  if (response.status === 404) yield* line('code 404, message File not found');
  yield* line(`"${request.method} ${request.target} ${request.version}" ${response.status} -`);
  const server = `SimpleHTTP/0.6 Python/${config.version}`;
  return { ...response, headers: [['Server', server], ...response.headers] };
}

function* pythonResponse(config: FolderConfig, request: HttpRequest): sys.Sys<HttpResponse> {
  const path = targetPath(request.target);
  const file = `${config.folder === '/' ? '' : config.folder}${path}`;
  const stat = yield* sys.stat(file);
  if (stat?.type === 'directory') {
    if (!path.endsWith('/'))
      return { status: 301, headers: [['Location', `${path}/`]], body: new Uint8Array() };
    const index = yield* sys.readFile(`${file}index.html`);
    if (index.ok) return { status: 200, headers: [['Content-type', 'text/html']], body: index.value };
    return {
      status: 200,
      headers: [['Content-type', 'text/html; charset=utf-8']],
      body: sys.toBytes(yield* listing(path, file)),
    };
  }
  const content = yield* sys.readFile(file);
  if (content.ok) {
    const type = /\.html?$/.test(file)
      ? 'text/html'
      : /\.txt$/.test(file)
        ? 'text/plain'
        : 'application/octet-stream';
    return { status: 200, headers: [['Content-type', type]], body: content.value };
  }
  const body = `<!DOCTYPE HTML>
<html lang="en">
    <head>
        <meta charset="utf-8">
        <title>Error response</title>
    </head>
    <body>
        <h1>Error response</h1>
        <p>Error code: 404</p>
        <p>Message: File not found.</p>
        <p>Error code explanation: 404 - Nothing matches the given URI.</p>
    </body>
</html>
`;
  return {
    status: 404,
    reason: 'File not found',
    headers: [['Content-Type', 'text/html;charset=utf-8']],
    body: sys.toBytes(body),
  };
}

function* listing(path: string, folder: string): sys.Sys<string> {
  const names = yield* sys.readDirectory(folder);
  const items: string[] = [];
  for (const name of names.ok ? names.value : []) {
    const isFolder = (yield* sys.stat(`${folder}/${name}`))?.type === 'directory';
    const shown = `${name}${isFolder ? '/' : ''}`;
    items.push(`<li><a href="${encodeURI(shown)}">${shown}</a></li>\n`);
  }
  const title = `Directory listing for ${path}`;
  return `<!DOCTYPE HTML>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>${title}</title>\n</head>\n<body>\n<h1>${title}</h1>\n<hr>\n<ul>\n${items.join('')}</ul>\n<hr>\n</body>\n</html>\n`;
}
