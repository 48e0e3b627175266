/** Demonstration servers of well-known images: each says which Pod answered, or who asked. */
import { isLinks } from '../../net/process/inspect.ts';
import * as sys from '../../net/process/sys.ts';
import type { ProcessStart, Program } from '../../net/process/syscalls.ts';
import { type OptionTable, type ParsedArguments, parseArguments } from '../arguments.ts';
import { type HttpRequest, type HttpResponse, header, targetPath, targetQuery } from '../http/message.ts';
import { serveHttp, textResponse } from '../http/server.ts';
import type { Connection, Ready } from './frame.ts';
import { dieAsGoDoes, type GoConfig, goConfig, goLog, isGoConfig, listenOn } from './go-server.ts';

/** hashicorp/http-echo: one text for every request. */
export const httpEcho: Program = (start) =>
  serveGo(start, {
    *setUp({ argv, env }) {
      const args = yield* readGoFlags(argv, {
        flags: { version: 'version' },
        values: { text: 'text', listen: 'listen', 'status-code': 'status-code' },
        singleDashLong: true,
      });
      if (args === undefined) return 2;
      const version = env.get('HTTP_ECHO_VERSION') ?? '1.0.0';
      const text = args.value('text') ?? env.get('ECHO_TEXT') ?? '';
      if (text === '') {
        yield* sys.printError('Missing -text option!\n');
        return 127;
      }
      if (args.operands.length > 0) {
        yield* sys.printError('Too many arguments!\n');
        return 127;
      }
      const listen = args.value('listen') ?? ':5678';
      const listener = yield* listenOn(Number(listen.split(':').at(-1)));
      if (typeof listener === 'number') return listener;
      for (const signal of ['SIGTERM', 'SIGINT'] as const) yield* sys.setSignal(signal, { exitCode: 0 });
      const isOld = version.startsWith('0.');
      yield* goLog(isOld ? `Server is listening on ${listen}` : `[INFO] server is listening on ${listen}`);
      const status = args.value('status-code') ?? '200';
      return { listeners: [listener.socket], config: yield* goConfig({ text, version, status }) };
    },
    *handle({ settings }, request, { peer }) {
      const version = settings.version ?? '';
      const headers = [
        ['X-App-Name', 'http-echo'],
        ['X-App-Version', version],
      ] as const;
      if (targetPath(request.target) === '/health') {
        const type = ['Content-Type', 'application/json; charset=utf-8'] as const;
        return textResponse(200, '{"status":"ok"}\n', [...headers, type]);
      }
      const text = `${settings.text ?? ''}\n`;
      const status = Number(settings.status ?? 200);
      const agent = header(request.headers, 'user-agent') ?? '';
      yield* goLog(
        `${header(request.headers, 'host') ?? ''} ${peer.address}:${peer.port} "${request.method} ${request.target} ${request.version}" ${status} ${text.length} "${agent}" 20µs`,
      );
      return textResponse(status, text, headers);
    },
  });

/** traefik/whoami: the request as it arrived. */
export const whoamiServer: Program = (start) =>
  serveGo(start, {
    *setUp({ argv, env }) {
      const args = yield* readGoFlags(argv, {
        flags: { verbose: 'verbose' },
        values: { port: 'port', name: 'name', cert: 'cert', key: 'key' },
        singleDashLong: true,
      });
      if (args === undefined) return 2;
      yield* dieAsGoDoes();
      const port = Number(args.value('port') ?? env.get('WHOAMI_PORT_NUMBER') ?? 80);
      yield* goLog(`Starting up on port ${port}`);
      const listener = yield* listenOn(port);
      if (typeof listener === 'number') return listener;
      const name = args.value('name') ?? env.get('WHOAMI_NAME') ?? '';
      return { listeners: [listener.socket], config: yield* goConfig({ name }) };
    },
    *handle({ hostname, settings }, request, { peer }) {
      if (targetPath(request.target) === '/health')
        return { status: 200, headers: [], body: new Uint8Array() };
      const addresses = yield* ownAddresses();
      if (targetPath(request.target) === '/api') {
        const headers = Object.fromEntries(request.headers.map(([name, value]) => [name, [value]]));
        const report = {
          hostname,
          ip: addresses,
          headers,
          url: request.target,
          host: header(request.headers, 'host') ?? '',
          method: request.method,
          remoteAddr: `${peer.address}:${peer.port}`,
        };
        return textResponse(200, `${JSON.stringify(report)}\n`, [['Content-Type', 'application/json']]);
      }
      const lines = [
        ...(settings.name === '' ? [] : [`Name: ${settings.name}`]),
        `Hostname: ${hostname}`,
        ...addresses.map((address) => `IP: ${address}`),
        `RemoteAddr: ${peer.address}:${peer.port}`,
        `${request.method} ${request.target} ${request.version}`,
        `Host: ${header(request.headers, 'host') ?? ''}`,
        ...sortedHeaders(request)
          .filter(([name]) => name.toLowerCase() !== 'host')
          .map(([name, value]) => `${name}: ${value}`),
      ];
      // The request's own lines end with CR LF, as Go writes a request.
      const own = lines.findIndex((line) => line.startsWith(request.method));
      const text = `${lines.slice(0, own).join('\n')}\n${lines.slice(own).join('\r\n')}\r\n\r\n`;
      return textResponse(200, text);
    },
  });

/** gcr.io/google-samples/hello-app; its version is the tag's. */
export const helloApp: Program = (start) =>
  serveGo(start, {
    *setUp({ env }) {
      yield* dieAsGoDoes();
      const port = Number(env.get('PORT') ?? 8080);
      yield* goLog(`Server listening on port ${port}`);
      const listener = yield* listenOn(port);
      if (typeof listener === 'number') return listener;
      const version = env.get('HELLO_APP_VERSION') ?? '1.0.0';
      return { listeners: [listener.socket], config: yield* goConfig({ version }) };
    },
    *handle({ hostname, settings }, request) {
      yield* goLog(`Serving request: ${targetPath(request.target)}`);
      return textResponse(200, `Hello, world!\nVersion: ${settings.version ?? ''}\nHostname: ${hostname}\n`);
    },
  });

/** A Node server that greets with its host name, as luksa/kubia and node-hello do: NODE_GREETING holds its words. */
export const nodeGreeter: Program = (start) =>
  serveGo(start, {
    *setUp({ env }) {
      const listener = yield* listenOn(8080, function* (message) {
        yield* sys.printError(`Error: ${message}\n`);
      });
      if (typeof listener === 'number') return listener;
      const greeting = env.get('NODE_GREETING') ?? "You've hit {hostname}\n";
      const isChatty = greeting.includes('{hostname}');
      if (isChatty) yield* sys.print('Kubia server starting...\n');
      return {
        listeners: [listener.socket],
        config: yield* goConfig({ greeting, chatty: isChatty ? 'yes' : 'no' }),
      };
    },
    *handle({ hostname, settings }, _request, { peer }) {
      if (settings.chatty === 'yes') yield* sys.print(`Received request from ::ffff:${peer.address}\n`);
      const text = (settings.greeting ?? '').replace('{hostname}', hostname);
      return { status: 200, headers: [['Connection', 'keep-alive']], body: sys.toBytes(text) };
    },
  });

/** registry.k8s.io/echoserver: the request in its own words. The newer form is asked for by ECHOSERVER_FORM. */
export const echoserver: Program = (start) =>
  serveGo(start, {
    *setUp({ env }) {
      const listener = yield* listenOn(8080, function* (message) {
        yield* sys.printError(`nginx: [emerg] ${message}\n`);
      });
      if (typeof listener === 'number') return listener;
      for (const signal of ['SIGTERM', 'SIGQUIT'] as const) yield* sys.setSignal(signal, { exitCode: 0 });
      const form = env.get('ECHOSERVER_FORM') ?? 'new';
      if (form === 'new') yield* sys.print('Generating self-signed cert\nStarting nginx\n');
      return { listeners: [listener.socket], config: yield* goConfig({ form }) };
    },
    handle(config, request, connection) {
      const text =
        config.settings.form === 'old'
          ? oldEcho(request, connection)
          : newEcho(config.hostname, request, connection);
      const version = config.settings.form === 'old' ? 'nginx/1.10.0' : 'echoserver';
      return textResponse(200, text, [
        ['Server', version],
        ['Content-Type', 'text/plain'],
      ]);
    },
  });

interface GoServer {
  setUp(start: ProcessStart): sys.Sys<Ready<GoConfig> | number>;
  handle(
    config: GoConfig,
    request: HttpRequest,
    connection: Connection,
  ): HttpResponse | sys.Sys<HttpResponse>;
}

function* serveGo(start: ProcessStart, server: GoServer): sys.Sys<number> {
  return yield* serveHttp<GoConfig>(start, { style: 'go', isConfig: isGoConfig, ...server });
}

function* readGoFlags(argv: readonly string[], table: OptionTable): sys.Sys<ParsedArguments | undefined> {
  const parsed = parseArguments(argv.slice(1), table);
  if (parsed.ok) return parsed.value;
  const { kind, option } = parsed.error;
  const name = option.replace(/^-+/, '-');
  const what =
    kind === 'needs-value' ? `flag needs an argument: ${name}` : `flag provided but not defined: ${name}`;
  yield* sys.printError(`${what}\nUsage of ${argv[0] ?? ''}:\n`);
  return undefined;
}

function* ownAddresses(): sys.Sys<readonly string[]> {
  const links = yield* sys.inspect('links');
  return isLinks(links) ? links.flatMap((link) => link.addresses.map(({ address }) => address)) : [];
}

function sortedHeaders(request: HttpRequest): readonly (readonly [string, string])[] {
  return [...request.headers].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function requestUri(request: HttpRequest): string {
  const host = (header(request.headers, 'host') ?? '').replace(/:\d+$/, '');
  return `http://${host}:8080${request.target}`;
}

function oldEcho(request: HttpRequest, { peer }: Connection): string {
  const query = targetQuery(request.target).toString();
  const lines = [
    'CLIENT VALUES:',
    `client_address=${peer.address}`,
    `command=${request.method}`,
    `real path=${request.target}`,
    `query=${query === '' ? 'nil' : query}`,
    `request_version=${request.version.slice('HTTP/'.length)}`,
    `request_uri=${requestUri(request)}`,
    '',
    'SERVER VALUES:',
    'server_version=nginx: 1.10.0 - lua: 10001',
    '',
    'HEADERS RECEIVED:',
    ...sortedHeaders(request).map(([name, value]) => `${name.toLowerCase()}=${value}`),
    'BODY:',
    request.body.length === 0 ? '-no body in request-' : sys.toText(request.body),
  ];
  return lines.join('\n');
}

function newEcho(hostname: string, request: HttpRequest, { peer }: Connection): string {
  const lines = [
    '',
    '',
    `Hostname: ${hostname}`,
    '',
    'Pod Information:',
    '\t-no pod information available-',
    '',
    'Server values:',
    '\tserver_version=nginx: 1.13.3 - lua: 10008',
    '',
    'Request Information:',
    `\tclient_address=${peer.address}`,
    `\tmethod=${request.method}`,
    `\treal path=${request.target}`,
    `\tquery=${request.target.split('?')[1] ?? ''}`,
    `\trequest_version=${request.version.slice('HTTP/'.length)}`,
    '\trequest_scheme=http',
    `\trequest_uri=${requestUri(request)}`,
    '',
    'Request Headers:',
    ...sortedHeaders(request).map(([name, value]) => `\t${name.toLowerCase()}=${value}`),
    '',
    'Request Body:',
    request.body.length === 0 ? '\t-no body in request-' : sys.toText(request.body),
    '',
    '',
  ];
  return lines.join('\n');
}
