/**
 * agnhost's smaller servers: liveness, porter, test-webserver. Source: kubernetes v1.36 test/images/agnhost (liveness/server.go,
 * porter/porter.go, test-webserver/test-webserver.go). Left out: porter over TLS and SCTP, its JSON.
 */
import { isJsonObject } from '../../base/json.ts';
import * as sys from '../../net/process/sys.ts';
import type { ProcessStart } from '../../net/process/syscalls.ts';
import { type HttpResponse, targetPath, targetQuery } from '../http/message.ts';
import { serveHttp, textResponse } from '../http/server.ts';
import { serveDatagrams } from './datagrams.ts';
import { dieAsGoDoes, type GoConfig, goConfig, goLog, isGoConfig, listenOn } from './go-server.ts';

/** How long the server of the documentation's liveness probe is well. */
const wellMs = 10_000;

/** liveness: well for ten seconds, and ill from then on. */
export function* liveness(start: ProcessStart): sys.Sys<number> {
  return yield* serveHttp<GoConfig>(start, {
    style: 'go',
    isConfig: isGoConfig,
    *setUp() {
      yield* dieAsGoDoes();
      const listener = yield* listenOn(8080);
      if (typeof listener === 'number') return listener;
      const startedMs = String(yield* sys.now());
      return { listeners: [listener.socket], config: yield* goConfig({ startedMs }) };
    },
    *handle({ settings }, { target }) {
      const sinceMs = (yield* sys.now()) - Number(settings.startedMs);
      switch (targetPath(target)) {
        case '/started':
          return textResponse(200, formatGoDuration(sinceMs));
        case '/healthz':
          return sinceMs > wellMs ? textResponse(500, `error: ${sinceMs / 1000}`) : textResponse(200, 'ok');
        case '/redirect': {
          const location = targetQuery(target).get('loc') ?? '';
          return textResponse(302, `<a href="${location}">Found</a>.\n\n`, [['Location', location]]);
        }
        default:
          return textResponse(404, '404 page not found\n');
      }
    },
  });
}

/** As time.Duration's String: `1m2.5s`. */
export function formatGoDuration(ms: number): string {
  if (ms === 0) return '0s';
  if (ms < 1000) return `${ms}ms`;
  const [hours, minutes] = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60];
  const seconds = `${(ms % 60_000) / 1000}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}

/** porter: on each port that the environment names, the words that stand there. */
export function* porter(start: ProcessStart): sys.Sys<number> {
  const { resume } = start;
  if (isJsonObject(resume) && resume.at === 'udp') {
    const words = String(resume.words);
    // biome-ignore lint/correctness/useYield: an answer may ask the system; this one need not.
    const answer = function* () {
      return sys.toBytes(words);
    };
    return yield* serveDatagrams(Number(resume.socket), answer, { words });
  }
  return yield* serveHttp<GoConfig>(start, {
    style: 'go',
    isConfig: isGoConfig,
    handle: ({ settings }, _request, { local }) => textResponse(200, settings[String(local.port)] ?? ''),
    *setUp({ env }) {
      yield* dieAsGoDoes();
      const listeners: number[] = [];
      const settings: Record<string, string> = {};
      for (const [name, words] of env) {
        const [, protocol, port] = /^SERVE_(?:(TCP|UDP)_)?PORT_(\d{1,5})$/.exec(name) ?? [];
        if (port === undefined) continue;
        if (protocol === 'UDP') {
          const udp = yield* sys.listen('udp', '0.0.0.0', Number(port));
          if (!udp.ok) continue;
          yield* goLog(`Started UDP server on port ${port}`);
          yield* sys.thread({ at: 'udp', socket: udp.value, words });
          continue;
        }
        const listener = yield* listenOn(Number(port), (message) =>
          goLog(`server on port ${JSON.stringify(port)} failed: ${message}`),
        );
        if (typeof listener === 'number') continue;
        listeners.push(listener.socket);
        settings[port] = words;
      }
      return { listeners, config: yield* goConfig(settings) };
    },
  });
}

/** test-webserver: the files of the root folder, at port 80 unless `--port` says otherwise. */
export function* testWebserver(start: ProcessStart, port: number): sys.Sys<number> {
  return yield* serveHttp<GoConfig>(start, {
    style: 'go',
    isConfig: isGoConfig,
    *setUp() {
      yield* dieAsGoDoes();
      const listener = yield* listenOn(port);
      if (typeof listener === 'number') return listener;
      return { listeners: [listener.socket], config: yield* goConfig() };
    },
    handle: (_config, { target }) => answerFile(decodeURIComponent(targetPath(target))),
  });
}

/** Source: Go's http.FileServer. */
function* answerFile(path: string): sys.Sys<HttpResponse> {
  const headers = [['Cache-Control', 'private']] as const;
  const stat = path.split('/').includes('..') ? undefined : yield* sys.stat(path);
  if (stat === undefined) return textResponse(404, '404 page not found\n', headers);
  if (stat.type === 'directory') {
    if (!path.endsWith('/'))
      return textResponse(301, '', [...headers, ['Location', `${path.split('/').at(-1)}/`]]);
    const index = yield* sys.readFile(`${path}index.html`);
    const type = ['Content-Type', 'text/html; charset=utf-8'] as const;
    if (index.ok) return { status: 200, headers: [...headers, type], body: index.value };
    const names = yield* sys.readDirectory(path);
    const items = (names.ok ? names.value : []).map((name) => `<a href="${name}">${name}</a>\n`);
    return textResponse(200, `<pre>\n${items.join('')}</pre>\n`, [...headers, type]);
  }
  const content = yield* sys.readFile(path);
  const type = [
    'Content-Type',
    path.endsWith('.html') ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8',
  ] as const;
  return content.ok
    ? { status: 200, headers: [...headers, type], body: content.value }
    : textResponse(404, '404 page not found\n', headers);
}
