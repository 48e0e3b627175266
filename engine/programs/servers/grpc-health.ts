/**
 * agnhost grpc-health-checking: a server that says over gRPC whether it is well, and another port to make it ill. Source:
 * kubernetes v1.36 test/images/agnhost/grpc-health-checking. Left out: TLS, List and Watch.
 *
 * Differs: a call is a POST of HTTP/1.1, as all of gRPC here. What the second port was told stands in a file instead of the
 * process' memory.
 */
import * as sys from '../../net/process/sys.ts';
import type { ProcessStart } from '../../net/process/syscalls.ts';
import { type HttpRequest, type HttpResponse, header, targetPath } from '../http/message.ts';
import { serveHttp, textResponse } from '../http/server.ts';
import { formatGoDuration } from './agnhost-servers.ts';
import { dieAsGoDoes, type GoConfig, goConfig, goLog, isGoConfig, listenOn } from './go-server.ts';

/** How the server was started. */
export interface HealthOptions {
  readonly port: number;
  readonly httpPort: number;
  /** Seconds until it is ill; below zero it stays well. */
  readonly delayUnhealthySec: number;
  readonly service: string;
}

const forced = '/dev/shm/grpc-health-checking';
const serving = 1;
const notServing = 2;

/** Serves both ports until a signal ends it. */
export function* grpcHealth(start: ProcessStart, options: HealthOptions): sys.Sys<number> {
  return yield* serveHttp<GoConfig>(start, {
    style: 'go',
    isConfig: isGoConfig,
    *setUp() {
      yield* dieAsGoDoes();
      yield* goLog(`Http server starting to listen on :${options.httpPort}`);
      const http = yield* listenOn(options.httpPort);
      if (typeof http === 'number') return http;
      const grpc = yield* listenOn(options.port, (message) =>
        goLog(`Error while starting the listening service ${message}`),
      );
      if (typeof grpc === 'number') return grpc;
      yield* goLog(`gRPC server starting to listen on :${options.port}`);
      const { httpPort, delayUnhealthySec, service } = options;
      const settings = {
        startedMs: String(yield* sys.now()),
        httpPort: String(httpPort),
        delayUnhealthySec: String(delayUnhealthySec),
        service,
      };
      return { listeners: [http.socket, grpc.socket], config: yield* goConfig(settings) };
    },
    handle: ({ settings }, request, { local }) =>
      String(local.port) === settings.httpPort
        ? answerHttp(settings, request)
        : answerCall(settings, request),
  });
}

type Settings = GoConfig['settings'];

function* answerHttp(settings: Settings, { target }: HttpRequest): sys.Sys<HttpResponse> {
  const path = targetPath(target);
  if (path !== '/make-serving' && path !== '/make-not-serving')
    return textResponse(404, '404 page not found\n');
  const isWell = path === '/make-serving';
  yield* goLog(`Mark as ${isWell ? 'healthy' : 'unhealthy'}`);
  yield* sys.writeFile(forced, sys.toBytes(isWell ? 'well' : 'ill'));
  return textResponse(200, formatGoDuration((yield* sys.now()) - Number(settings.startedMs)));
}

function* answerCall(settings: Settings, request: HttpRequest): sys.Sys<HttpResponse> {
  const type = header(request.headers, 'content-type') ?? '';
  // What is no gRPC cannot even begin to talk to a server that speaks nothing else.
  if (!type.startsWith('application/grpc')) return textResponse(415, '', [['Connection', 'close']]);
  if (targetPath(request.target) !== '/grpc.health.v1.Health/Check') {
    return grpcAnswer(12, `unknown method ${targetPath(request.target)}`);
  }
  yield* goLog(
    `Serving the Check request for health check, started at ${new Date(Number(settings.startedMs)).toISOString()}`,
  );
  // After five bytes of a frame and two of the field comes the service's name.
  if (sys.toText(request.body.subarray(7)) !== settings.service) return grpcAnswer(5, 'unknown service');
  return grpcAnswer(0, '', [0x08, (yield* isWell(settings)) ? serving : notServing]);
}

function* isWell(settings: Settings): sys.Sys<boolean> {
  if ((yield* sys.readText(forced)) === 'ill') return false;
  const delay = Number(settings.delayUnhealthySec);
  const sinceMs = (yield* sys.now()) - Number(settings.startedMs);
  return delay < 0 || sinceMs < delay * 1000;
}

function grpcAnswer(code: number, message: string, fields: readonly number[] = []): HttpResponse {
  return {
    status: 200,
    headers: [
      ['Content-Type', 'application/grpc'],
      ['Grpc-Status', String(code)],
      ...(message === '' ? [] : [['Grpc-Message', encodeURI(message)] as const]),
    ],
    body: code === 0 ? new Uint8Array([0, 0, 0, 0, fields.length, ...fields]) : new Uint8Array(),
  };
}
