/**
 * The frame of a server: a main loop that accepts, and a thread per connection. What they share is the server's
 * configuration, a JSON value that is made once and handed to each thread.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { invariant } from '../../base/result.ts';
import * as sys from '../../net/process/sys.ts';
import type { ProcessStart, SocketAddress } from '../../net/process/syscalls.ts';

/** One accepted connection. */
export interface Connection {
  readonly socket: number;
  readonly peer: SocketAddress;
  readonly local: SocketAddress;
}

/** A server that is ready: its TCP listeners, and what each connection is handed. */
export interface Ready<Config> {
  readonly listeners: readonly number[];
  readonly config: Config;
}

/** What differs from server to server. */
export interface Server<Config extends JsonObject> {
  /** Opens the listeners; an exit code when the server can't start. */
  setUp(start: ProcessStart): sys.Sys<Ready<Config> | number>;
  /** Tells one's own configuration from other JSON. */
  isConfig(value: JsonValue): value is Config;
  /** Speaks with one client; the connection is closed afterwards. */
  serve(config: Config, connection: Connection): sys.Sys<void>;
  /** For a server whose control plane changes what it listens on while it runs. */
  readonly news?: ServerNews<Config>;
}

/** How a server follows its control plane. */
export interface ServerNews<Config extends JsonObject> {
  /** What is announced when there is something new. */
  topicOf(config: Config): string;
  /** What it listens on and hands to connections from now on. */
  refresh(ready: Ready<Config>): sys.Sys<Ready<Config>>;
}

/** Runs a server until a signal ends it. */
export function* runServer<Config extends JsonObject>(
  start: ProcessStart,
  server: Server<Config>,
): sys.Sys<number> {
  const { resume } = start;
  if (isJsonObject(resume) && resume.at === 'connection') {
    const socket = Number(resume.socket);
    const connection = { socket, peer: addressOf(resume.peer), local: addressOf(resume.local) };
    yield* server.serve(configOf(server, resume), connection);
    yield* sys.close(socket);
    return 0;
  }
  let ready: Ready<Config>;
  if (isJsonObject(resume)) {
    invariant(Array.isArray(resume.listeners), 'a checkpoint of another kind');
    ready = { listeners: resume.listeners.map(Number), config: configOf(server, resume) };
  } else {
    const first = yield* server.setUp(start);
    if (typeof first === 'number') return first;
    ready = first;
  }
  for (;;) {
    const { listeners, config } = ready;
    yield* sys.checkpoint({ at: 'listening', listeners, config });
    const found =
      server.news === undefined
        ? yield* sys.poll(listeners)
        : yield* sys.pollOrNews(listeners, server.news.topicOf(config));
    if (server.news !== undefined && found.length === 0) ready = yield* server.news.refresh(ready);
    for (const listener of found) {
      const accepted = yield* sys.accept(listener, 0);
      if (!accepted.ok) continue;
      const { socket, peer, local } = accepted.value;
      yield* sys.thread({ at: 'connection', socket, peer: { ...peer }, local: { ...local }, config });
    }
  }
}

function configOf<Config extends JsonObject>(server: Server<Config>, resume: JsonObject): Config {
  const config = resume.config ?? null;
  invariant(server.isConfig(config), 'a configuration of another server');
  return config;
}

function addressOf(value: JsonValue | undefined): SocketAddress {
  invariant(isJsonObject(value), 'a connection without address');
  return { address: String(value.address), port: Number(value.port) };
}
