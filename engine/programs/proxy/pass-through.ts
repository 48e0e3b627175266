/** Passing bytes on in both directions without looking at them, until one side has had enough. */
import * as sys from '../../net/process/sys.ts';
import { type ByteStream, socketStream } from '../http/stream.ts';

/** How long an endpoint may take to answer a connection. */
const connectTimeoutMs = 10_000;

/** Connects a client with the first of the endpoints that takes a connection; `first` is what the client said already. */
export function* passThrough(
  client: { readonly socket: number; readonly stream: ByteStream },
  endpoints: readonly string[],
  first: Uint8Array,
): sys.Sys<void> {
  for (const endpoint of endpoints) {
    const colon = endpoint.lastIndexOf(':');
    const connected = yield* sys.connect(endpoint.slice(0, colon), Number(endpoint.slice(colon + 1)), {
      timeoutMs: connectTimeoutMs,
    });
    if (!connected.ok) continue;
    const upstream = socketStream(connected.value);
    if (first.length === 0 || (yield* upstream.send(first)).ok)
      yield* pump(client, { socket: connected.value, stream: upstream });
    yield* sys.close(connected.value);
    return;
  }
}

interface Side {
  readonly socket: number;
  readonly stream: ByteStream;
}

function* pump(client: Side, upstream: Side): sys.Sys<void> {
  for (;;) {
    const ready = yield* sys.poll([client.socket, upstream.socket]);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      if (!ready.includes(from.socket)) continue;
      const received = yield* from.stream.receive();
      if (!received.ok || received.value === undefined) return;
      const sent = yield* to.stream.send(received.value);
      if (!sent.ok) return;
    }
  }
}
