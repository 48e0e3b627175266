/**
 * Envoy Gateway's own binary: as `server` it is the control plane, as `envoy shutdown-manager` it stands beside a proxy. What the
 * control plane decides is decided outside of the process; here it holds its ports and says that it is well.
 * Left out: the gRPC that proxies speak with it, metrics, certgen.
 */
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { type HttpServer, serveHttp, textResponse } from '../http/server.ts';

type Config = { readonly role: string };

/** `envoy-gateway`. */
export const envoyGateway: Program = function* (start) {
  return yield* serveHttp(start, server);
};

const roles: ReadonlyMap<string, readonly number[]> = new Map([
  ['server', [8081, 18_000, 18_001, 18_002, 19_001]],
  ['envoy shutdown-manager', [19_002]],
]);

const server: HttpServer<Config> = {
  style: 'go',
  isConfig: (value: JsonValue): value is Config => isJsonObject(value) && typeof value.role === 'string',
  *setUp({ argv }) {
    const role = argv
      .slice(1)
      .filter((argument) => !argument.startsWith('-'))
      .join(' ');
    const ports = roles.get(role);
    if (ports === undefined) {
      yield* sys.printError(`Error: unknown command "${argv[1] ?? ''}" for "envoy-gateway"\n`);
      return 1;
    }
    for (const signal of ['SIGTERM', 'SIGINT'] as const) yield* sys.setSignal(signal, { exitCode: 0 });
    const listeners: number[] = [];
    for (const port of ports) {
      const socket = yield* sys.listen('tcp', '0.0.0.0', port);
      if (!socket.ok) return 1;
      listeners.push(socket.value);
    }
    return { listeners, config: { role } };
  },
  handle(_config, request) {
    const isHealth = request.target === '/healthz' || request.target === '/readyz';
    return isHealth ? textResponse(200, 'ok') : textResponse(404, '404 page not found\n');
  },
};
