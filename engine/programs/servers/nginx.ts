/**
 * nginx as in its container image: files, `return`, `proxy_pass`, the access log on standard output and the error log
 * on standard error. One process stands for master and workers. `nginx -s reload` puts the new configuration into a file
 * that connections look into, since the process can't be told: ports that it adds are not opened, and SIGHUP by itself
 * does nothing. Left out: TLS, HTTP/2, caching, ranges, rewriting.
 */
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import * as sys from '../../net/process/sys.ts';
import type { ProcessStart, Program } from '../../net/process/syscalls.ts';
import { parseArguments } from '../arguments.ts';
import { resolveName } from '../dns/resolver.ts';
import { errnoNumber, errnoText } from '../errno-text.ts';
import type { HttpResponse } from '../http/message.ts';
import { type HttpServer, serveHttp } from '../http/server.ts';
import { answerRequest } from './nginx-answer.ts';
import { type Directive, type NginxSettings, parseNginxFile, readSettings } from './nginx-config.ts';
import { logError, type NginxConfig } from './nginx-log.ts';
import { errorPage } from './nginx-pages.ts';
import { type NginxPeer, plainPeer, readJsonFile } from './nginx-upstream.ts';

/** The newest version; images of others say so in NGINX_VERSION, as the real ones do. */
const defaultVersion = '1.27.5';

/** nginx. */
export const nginx: Program = function* (start) {
  return yield* serveHttp(start, server);
};

/** The image's docker-entrypoint.sh: its lines for nginx, then the command itself. */
export const nginxEntrypoint: Program = function* ({ argv }) {
  const [command, ...args] = argv.slice(1);
  if (command === undefined) return 0;
  if (command === 'nginx' || command === 'nginx-debug') {
    const own = '/docker-entrypoint.sh';
    const folder = '/docker-entrypoint.d';
    yield* sys.print(
      [
        `${own}: ${folder}/ is not empty, will attempt to perform configuration`,
        `${own}: Looking for shell scripts in ${folder}/`,
        `${own}: Launching ${folder}/10-listen-on-ipv6-by-default.sh`,
        '10-listen-on-ipv6-by-default.sh: info: Getting the checksum of /etc/nginx/conf.d/default.conf',
        '10-listen-on-ipv6-by-default.sh: info: Enabled listen on IPv6 in /etc/nginx/conf.d/default.conf',
        `${own}: Sourcing ${folder}/15-local-resolvers.envsh`,
        `${own}: Launching ${folder}/20-envsubst-on-templates.sh`,
        `${own}: Launching ${folder}/30-tune-worker-processes.sh`,
        `${own}: Configuration complete; ready for start up`,
        '',
      ].join('\n'),
    );
  }
  const errno = yield* sys.exec([command, ...args]);
  yield* sys.printError(
    `/docker-entrypoint.sh: 47: exec: ${command}: ${errno === 'ENOENT' ? 'not found' : errnoText(errno)}\n`,
  );
  return errno === 'ENOENT' ? 127 : 126;
};

const server: HttpServer<NginxConfig> = {
  keepAliveMs: 65_000,
  style: 'nginx',
  isConfig,
  setUp,
  *handle(config, request, connection) {
    const reloaded = yield* readJsonFile(reloadedFile);
    const current = isConfig(reloaded) ? reloaded : config;
    return yield* answerRequest(current, request, connection);
  },
  badRequest(config: NginxConfig): HttpResponse {
    const headers = [
      ['Server', `nginx/${config.version}`],
      ['Content-Type', 'text/html'],
    ] as const;
    return { status: 400, headers, body: sys.toBytes(errorPage(400, config.version)) };
  },
};

function isConfig(value: JsonValue | undefined): value is NginxConfig {
  return isJsonObject(value) && Array.isArray(value.servers) && typeof value.version === 'string';
}

/** The configuration since the last reload. */
const reloadedFile = '/run/nginx-reloaded';
const pidFile = '/run/nginx.pid';

function* setUp(
  start: ProcessStart,
): sys.Sys<{ readonly listeners: readonly number[]; readonly config: NginxConfig } | number> {
  const args = parseArguments(start.argv.slice(1), {
    flags: { t: 'test', T: 'test', v: 'version', V: 'version', q: 'quiet', h: 'help', '?': 'help' },
    values: { g: 'global', c: 'config', s: 'signal', p: 'prefix', e: 'error-log' },
  });
  if (!args.ok || args.value.operands.length > 0) {
    const option = args.ok ? (args.value.operands[0] ?? '') : args.error.option.replace(/^-/, '');
    yield* sys.printError(`nginx: invalid option: "${option}"\n`);
    return 1;
  }
  const version = start.env.get('NGINX_VERSION') ?? defaultVersion;
  if (args.value.flags.has('version')) {
    yield* sys.printError(`nginx version: nginx/${version}\n`);
    return 0;
  }
  const pid = yield* sys.getpid();
  const main = args.value.value('config') ?? '/etc/nginx/nginx.conf';
  const loaded = yield* loadFile(main, 0);
  const globals = parseNginxFile('command line', `${args.value.value('global') ?? ''}\n`);
  const settings =
    loaded.ok && globals.ok
      ? readSettings([...loaded.value, ...globals.value])
      : loaded.ok
        ? globals
        : loaded;
  if (!settings.ok) return yield* refuse(pid, settings.error);
  if (!('servers' in settings.value)) return 1;
  if (args.value.flags.has('test')) {
    yield* sys.printError(
      `nginx: the configuration file ${main} syntax is ok\nnginx: configuration file ${main} test is successful\n`,
    );
    return 0;
  }
  const upstreams = yield* resolveUpstreams(settings.value);
  if (!upstreams.ok) return yield* refuse(pid, upstreams.error);
  const config: NginxConfig = {
    version,
    pid: 29,
    hostname: yield* sys.hostname(),
    servers: settings.value.servers,
    upstreams: Object.fromEntries(upstreams.value),
  };
  const signal = args.value.value('signal');
  if (signal !== undefined) return yield* signalMaster(pid, signal, config);
  if (settings.value.daemon && start.argv[0] !== 'nginx: master process nginx') {
    // The parent of a daemon ends at once; in a container that ends the container.
    const child = yield* sys.spawn([start.argv[0] ?? 'nginx', '-g', 'daemon off;', ...start.argv.slice(1)]);
    return child.ok ? 0 : 1;
  }
  const listeners = yield* bindAll(settings.value, pid);
  if (typeof listeners === 'number') return listeners;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const)
    yield* sys.setSignal(signal, { exitCode: 0 });
  yield* sys.setSignal('SIGHUP', 'ignore');
  yield* sys.writeFile(pidFile, sys.toBytes(`${pid}\n`));
  yield* sys.removeFile(reloadedFile);
  for (const line of [
    'using the "epoll" event method',
    `nginx/${version}`,
    'built by gcc 12.2.0 (Debian 12.2.0-14+deb12u1) ',
    'OS: Linux 6.8.0',
    'getrlimit(RLIMIT_NOFILE): 1048576:1048576',
    'start worker processes',
    'start worker process 29',
    'start worker process 30',
  ]) {
    yield* logError('notice', pid, line);
  }
  return { listeners, config };
}

/** Signals by the words of `-s`. Source: nginx(8). */
const signals: ReadonlyMap<string, 'SIGHUP' | 'SIGQUIT' | 'SIGTERM'> = new Map([
  ['stop', 'SIGTERM'],
  ['quit', 'SIGQUIT'],
  ['reload', 'SIGHUP'],
]);

/** `nginx -s`: what is running is told to end, or to take up the configuration that was just read. */
function* signalMaster(pid: number, word: string, config: NginxConfig): sys.Sys<number> {
  const signal = signals.get(word);
  if (signal === undefined) {
    yield* sys.printError(`nginx: invalid option: "-s ${word}"\n`);
    return 1;
  }
  yield* logError('notice', pid, 'signal process started');
  const master = yield* sys.readFile(pidFile);
  if (!master.ok) {
    const why = `(${errnoNumber(master.error)}: ${errnoText(master.error)})`;
    yield* sys.printError(`nginx: [error] open() "${pidFile}" failed ${why}\n`);
    return 1;
  }
  if (word === 'reload') yield* sys.writeFile(reloadedFile, sys.toBytes(JSON.stringify(config)));
  const target = Number(sys.toText(master.value));
  const sent = yield* sys.kill(target, signal);
  if (sent.ok) return 0;
  yield* sys.printError(
    `nginx: [alert] kill(${target}, ${signalNumbers[signal]}) failed (${errnoNumber(sent.error)}: ${errnoText(sent.error)})\n`,
  );
  return 1;
}

const signalNumbers = { SIGHUP: 1, SIGQUIT: 3, SIGTERM: 15 } as const;

function* refuse(pid: number, message: string): sys.Sys<number> {
  yield* logError('emerg', pid, message);
  yield* sys.printError(`nginx: [emerg] ${message}\n`);
  return 1;
}

/** A file with its includes in place. */
function* loadFile(file: string, depth: number): sys.Sys<Result<readonly Directive[], string>> {
  const text = yield* sys.readFile(file);
  if (!text.ok) return err(`open() "${file}" failed (${errnoNumber(text.error)}: ${errnoText(text.error)})`);
  const parsed = parseNginxFile(file, sys.toText(text.value));
  return parsed.ok ? yield* includeFiles(parsed.value, depth) : parsed;
}

function* includeFiles(
  directives: readonly Directive[],
  depth: number,
): sys.Sys<Result<readonly Directive[], string>> {
  const result: Directive[] = [];
  for (const directive of directives) {
    if (directive.name === 'include' && depth < 8) {
      for (const file of yield* includedFiles(directive.args[0] ?? '')) {
        const inner = yield* loadFile(file, depth + 1);
        if (!inner.ok) return inner;
        result.push(...inner.value);
      }
    } else if (directive.block !== undefined) {
      const block = yield* includeFiles(directive.block, depth);
      if (!block.ok) return block;
      result.push({ ...directive, block: block.value });
    } else {
      result.push(directive);
    }
  }
  return ok(result);
}

function* includedFiles(pattern: string): sys.Sys<readonly string[]> {
  const path = pattern.startsWith('/') ? pattern : `/etc/nginx/${pattern}`;
  if (!path.includes('*')) return (yield* sys.stat(path)) === undefined ? [] : [path];
  const folder = path.slice(0, path.lastIndexOf('/'));
  const suffix = path.slice(path.lastIndexOf('*') + 1);
  const names = yield* sys.readDirectory(folder);
  return names.ok
    ? names.value.filter((name) => name.endsWith(suffix)).map((name) => `${folder}/${name}`)
    : [];
}

function* resolveUpstreams(
  settings: NginxSettings,
): sys.Sys<Result<ReadonlyMap<string, readonly NginxPeer[]>, string>> {
  const resolved = new Map<string, readonly NginxPeer[]>();
  for (const location of settings.servers.flatMap(({ locations }) => locations)) {
    const name = location.proxy?.upstream;
    if (name === undefined || resolved.has(name)) continue;
    const peers: NginxPeer[] = [];
    for (const peer of settings.upstreams.get(name) ?? [plainPeer(name)]) {
      const [host = '', port = '80'] = peer.at.split(':');
      const found = yield* resolveName(host);
      if (!found.ok) return err(`host not found in upstream "${peer.at}" in ${location.where}`);
      peers.push(...found.value.addresses.map((address) => ({ ...peer, at: `${address}:${port}` })));
    }
    resolved.set(name, peers);
  }
  return ok(resolved);
}

function* bindAll(settings: NginxSettings, pid: number): sys.Sys<readonly number[] | number> {
  const wanted = new Map<string, { readonly address: string; readonly port: number }>();
  for (const listen of settings.servers.flatMap(({ listens }) => listens)) {
    wanted.set(`${listen.address}:${listen.port}`, listen);
  }
  const sockets = new Map<string, number>();
  for (let attempt = 0; attempt < 5; attempt += 1) {
    for (const [name, { address, port }] of wanted) {
      if (sockets.has(name)) continue;
      const socket = yield* sys.listen('tcp', address, port);
      if (socket.ok) {
        sockets.set(name, socket.value);
        continue;
      }
      const message = `bind() to ${name} failed (${errnoNumber(socket.error)}: ${errnoText(socket.error)})`;
      yield* refuse(pid, message);
      if (socket.error !== 'EADDRINUSE') return 1;
    }
    if (sockets.size === wanted.size) return [...sockets.values()];
    yield* logError('notice', pid, 'try again to bind() after 500ms');
    yield* sys.sleep(500);
  }
  return yield* refuse(pid, 'still could not bind()');
}
