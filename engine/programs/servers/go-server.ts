/** What the small Go servers of container images have in common: logs, signals, a mux on one port. */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import * as sys from '../../net/process/sys.ts';
import { errnoText } from '../errno-text.ts';

/** A configuration with nothing to tell but where it came from. */
export type GoConfig = { readonly hostname: string; readonly settings: { readonly [name: string]: string } };

/** Whether JSON is a {@link GoConfig}. */
export function isGoConfig(value: JsonValue): value is GoConfig {
  return isJsonObject(value) && typeof value.hostname === 'string' && isJsonObject(value.settings);
}

/**
 * What SIGTERM does to a Go program that does not handle it: as process 1 it can't die of the signal, and the runtime
 * exits with 2 then. Source: dieFromSignal in Go's runtime.
 */
export function* dieAsGoDoes(): sys.Sys<void> {
  if ((yield* sys.getpid()) !== 1) return;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const)
    yield* sys.setSignal(signal, { exitCode: 2 });
}

/** Listens on a port of every address, or says why not as Go's log.Fatal does and answers with the exit code. */
export function* listenOn(
  port: number,
  fail: (message: string) => sys.Sys<void> = goLog,
): sys.Sys<{ readonly socket: number } | number> {
  const socket = yield* sys.listen('tcp', '0.0.0.0', port);
  if (socket.ok) return { socket: socket.value };
  yield* fail(`listen tcp :${port}: bind: ${errnoText(socket.error).toLowerCase()}`);
  return 1;
}

/** A line of Go's standard logger, on standard error: `2024/05/28 13:22:30 message`. */
export function* goLog(message: string): sys.Sys<void> {
  yield* sys.printError(`${goTime(yield* sys.now())} ${message}\n`);
}

/** A line of klog at level info: `I0528 13:22:30.000000       1 log.go:195] message`. */
export function* klog(message: string): sys.Sys<void> {
  const iso = new Date(yield* sys.now()).toISOString();
  const pid = String(yield* sys.getpid()).padStart(7);
  yield* sys.printError(
    `I${iso.slice(5, 7)}${iso.slice(8, 10)} ${iso.slice(11, 23)}000 ${pid} log.go:195] ${message}\n`,
  );
}

/** A moment as Go's logger writes it. */
function goTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ').replaceAll('-', '/');
}

/** The configuration for connections of a server. */
export function* goConfig(settings: GoConfig['settings'] = {}): sys.Sys<GoConfig & JsonObject> {
  return { hostname: yield* sys.hostname(), settings };
}
