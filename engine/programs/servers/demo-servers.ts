/**
 * Servers of images from tutorials: Kubernetes Bootcamp, hpa-example, hello-go-gke, WordPress before it is set up, and stress,
 * which only says that it works. Source: what the images' own programs are (kubernetes-bootcamp's server.js, hpa-example's
 * index.php, the example of GKE's documentation for connecting a frontend with a backend, wp-includes/load.php, stress(1)).
 */
import * as sys from '../../net/process/sys.ts';
import type { ProcessStart, Program } from '../../net/process/syscalls.ts';
import { resolveName } from '../dns/resolver.ts';
import { type HttpRequest, type HttpResponse, header } from '../http/message.ts';
import { serveHttp, textResponse } from '../http/server.ts';
import type { Connection } from './frame.ts';
import { dieAsGoDoes, type GoConfig, goConfig, isGoConfig, listenOn } from './go-server.ts';
import { commonLogTime } from './nginx-answer.ts';

interface Demo {
  readonly port: number;
  readonly style: 'apache' | 'go';
  begin?(start: ProcessStart): sys.Sys<GoConfig['settings']>;
  handle(
    config: GoConfig,
    request: HttpRequest,
    connection: Connection,
  ): HttpResponse | sys.Sys<HttpResponse>;
}

/** A server of one port. */
export function createDemo({ port, style, begin, handle }: Demo): Program {
  return (start) =>
    serveHttp<GoConfig>(start, {
      style,
      isConfig: isGoConfig,
      handle,
      *setUp(about) {
        yield* dieAsGoDoes();
        const listener = yield* listenOn(port);
        if (typeof listener === 'number') return listener;
        const settings = begin === undefined ? {} : yield* begin(about);
        return { listeners: [listener.socket], config: yield* goConfig(settings) };
      },
    });
}

/** Kubernetes Bootcamp, of a version. */
export const bootcamp = createDemo({
  port: 8080,
  style: 'go',
  *begin({ env }) {
    const now = new Date(yield* sys.now()).toISOString();
    yield* sys.print(
      `Kubernetes Bootcamp App Started At: ${now} | Running On:  ${yield* sys.hostname()} \n\n`,
    );
    return { version: env.get('BOOTCAMP_VERSION') ?? '1' };
  },
  *handle({ hostname, settings }) {
    yield* sys.print(`Running On: ${hostname} | Log Time: ${new Date(yield* sys.now()).toISOString()}\n`);
    const text = `Hello Kubernetes bootcamp! | Running on: ${hostname} | v=${settings.version ?? '1'}\n`;
    return textResponse(200, text, [['Content-Type', 'text/plain']]);
  },
});

/** hpa-example: a page in PHP that costs much, and says so little. */
export const hpaExample = createDemo({
  port: 80,
  style: 'apache',
  *handle(_config, request, connection) {
    const response = textResponse(200, 'OK!', php);
    yield* apacheLog(request, connection, response);
    return response;
  },
});

/** hello-go-gke, the backend. */
export const helloGoGke = createDemo({
  port: 80,
  style: 'go',
  handle: () => textResponse(200, '{"message":"Hello"}\n', [['Content-Type', 'application/json']]),
});

const php = [
  ['Server', 'Apache/2.4.62 (Debian)'],
  ['X-Powered-By', 'PHP/8.2.26'],
  ['Content-Type', 'text/html; charset=UTF-8'],
] as const;

/** WordPress: without its database it tells so, with it it wants to be installed. */
export const wordpress = createDemo({
  port: 80,
  style: 'apache',
  *begin({ env }) {
    yield* sys.printError(
      'WordPress not found in /var/www/html - copying now...\nComplete! WordPress has been successfully copied to /var/www/html\n',
    );
    return { database: env.get('WORDPRESS_DB_HOST') ?? 'mysql' };
  },
  *handle({ settings }, request, connection) {
    const response = (yield* hasDatabase(settings.database ?? ''))
      ? textResponse(302, '', [
          ...php,
          ['Location', `http://${header(request.headers, 'host') ?? ''}/wp-admin/install.php`],
        ])
      : textResponse(500, noDatabase, php);
    yield* apacheLog(request, connection, response);
    return response;
  },
});

const noDatabase =
  '<!DOCTYPE html>\n<html lang="en-US">\n<head>\n\t<title>Database Error</title>\n</head>\n<body>\n\t<h1>Error establishing a database connection</h1>\n</body>\n</html>\n';

function* hasDatabase(place: string): sys.Sys<boolean> {
  const [host = '', port = '3306'] = place.split(':');
  const resolved = yield* resolveName(host);
  const address = resolved.ok ? resolved.value.addresses[0] : undefined;
  if (address === undefined) return false;
  const socket = yield* sys.connect(address, Number(port), { timeoutMs: 5000 });
  if (!socket.ok) return false;
  const greeting = yield* sys.receive(socket.value, 5000);
  yield* sys.close(socket.value);
  return greeting.ok && greeting.value !== undefined;
}

/** A line of Apache's combined log. */
export function* apacheLog(
  { method, target, version, headers }: HttpRequest,
  { peer }: Connection,
  { status, body }: HttpResponse,
): sys.Sys<void> {
  const time = commonLogTime(yield* sys.now());
  const agent = header(headers, 'user-agent') ?? '-';
  yield* sys.print(
    `${peer.address} - - [${time}] "${method} ${target} ${version}" ${status} ${body.length} "-" "${agent}"\n`,
  );
}

/** stress: hogs nothing here, as memory and time are not counted. */
export const stress: Program = function* ({ argv }) {
  const value = (...names: readonly string[]) => {
    const at = argv.findIndex((word) => names.includes(word));
    return at < 0 ? 0 : Number(argv[at + 1] ?? 0) || 0;
  };
  const cpus = argv.indexOf('-cpus');
  if (cpus > 0 || argv.includes('-mem-total')) {
    yield* hogAsGo(Number(argv[cpus + 1]) || 0);
    for (;;) yield* sys.sleep(86_400_000);
  }
  const hogs = [value('--cpu', '-c'), value('--io', '-i'), value('--vm', '-m'), value('--hdd', '-d')];
  if (hogs.every((count) => count === 0)) {
    yield* sys.print(
      "`stress' imposes certain types of compute stress on your system\n\nUsage: stress [OPTION [ARG]] ...\n",
    );
    return 0;
  }
  const pid = yield* sys.getpid();
  yield* sys.print(
    `stress: info: [${pid}] dispatching hogs: ${hogs[0]} cpu, ${hogs[1]} io, ${hogs[2]} vm, ${hogs[3]} hdd\n`,
  );
  const seconds = value('--timeout', '-t');
  if (seconds === 0) for (;;) yield* sys.sleep(86_400_000);
  yield* sys.sleep(1000 * seconds);
  yield* sys.print(`stress: info: [${pid}] successful run completed in ${seconds}s\n`);
  return 0;
};

/** vish/stress, which is another program of that name. */
function* hogAsGo(cpus: number): sys.Sys<void> {
  const iso = new Date(yield* sys.now()).toISOString();
  const head = `I${iso.slice(5, 7)}${iso.slice(8, 10)} ${iso.slice(11, 23)}000       1 main.go`;
  const spawned = Array.from(
    { length: Math.min(cpus, 64) },
    () => `${head}:39] Spawning a thread to consume CPU\n`,
  );
  yield* sys.printError(
    `${head}:26] Allocating "0" memory, in "4Ki" chunks, with a 1ms sleep between allocations\n${spawned.join('')}${head}:29] Allocated "0" memory\n`,
  );
}
