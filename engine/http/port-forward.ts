/**
 * Forwarded ports: for each connection that the client accepted on its side, one into the Pod. Over SPDY, inside a
 * WebSocket or not, a connection is a pair of streams; over a plain WebSocket a pair of channels for each port that the
 * request names. Source: k8s.io/kubelet/pkg/cri/streaming/portforward, httpstream.go and websocket.go.
 */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { ForwardedConnection, PortForward } from '../api/request.ts';
import type { ServedClock } from './clock.ts';
import { bytesOf, sendBytes } from './session-socket.ts';
import { type SpdyConnection, type SpdyStream, serveSpdy } from './spdy-connection.ts';

/** The one version of the protocol over SPDY. */
export const portForwardProtocol = 'portforward.k8s.io';
/** The same inside a WebSocket, which kubectl asks for first from 1.31 on. Source: KEP-4006. */
export const tunnelProtocol = `SPDY/3.1+${portForwardProtocol}`;
/** With a channel a stream, as other clients ask for it. */
export const portForwardChannels: readonly string[] = ['v4.channel.k8s.io'];

/** The client's end of one connection. */
interface ForwardSink {
  data(bytes: Uint8Array): void;
  error(words: string): void;
  end(): void;
}

interface RunningForward {
  write(bytes: Uint8Array): void;
  closeWrite(): void;
  drop(): void;
}

/** Carries bytes until the Pod's side ends or the client goes, from the clock's next turn on. */
function runForward(connection: ForwardedConnection, sink: ForwardSink, clock: ServedClock): RunningForward {
  let isOver = false;
  const finish = (): void => {
    if (isOver) return;
    isOver = true;
    stopListening();
    connection.close();
  };
  const pass = (): void => {
    if (isOver) return;
    // Asked first: what came last is read after it.
    const isEnded = connection.isEnded();
    sink.data(connection.read());
    if (!isEnded) return;
    const failure = connection.failure();
    finish();
    if (failure !== undefined) sink.error(failure);
    sink.end();
  };
  const stopListening = clock.onChange(pass);
  return {
    write(bytes) {
      if (isOver) return;
      connection.write(bytes);
      clock.ran();
    },
    closeWrite() {
      if (isOver) return;
      connection.closeWrite();
      clock.ran();
    },
    drop: finish,
  };
}

/** Forwards over SPDY until the client ends the connection. */
export function forwardOverSpdy(transport: Duplex, target: PortForward, clock: ServedClock): SpdyConnection {
  const errorStreams = new Map<string, SpdyStream>();
  const running = new Set<RunningForward>();
  const join = (port: number, data: SpdyStream, error: SpdyStream): void => {
    const forward = runForward(
      target.connect(port),
      {
        data: (bytes) => data.write(bytes),
        error: (words) => error.write(Buffer.from(words)),
        end() {
          running.delete(forward);
          data.end();
          error.end();
        },
      },
      clock,
    );
    running.add(forward);
    data.listen(
      (bytes) => forward.write(bytes),
      () => forward.closeWrite(),
    );
    clock.ran();
  };
  return serveSpdy(transport, {
    onStream(stream) {
      const port = parsePort(stream.headers.get('port') ?? '');
      const id = stream.headers.get('requestid') ?? '';
      const type = stream.headers.get('streamtype');
      // The error stream comes first, so a data stream finds its other half.
      if (type === 'error') errorStreams.set(id, stream);
      const error = errorStreams.get(id);
      if (type !== 'data' || error === undefined || port === undefined) return;
      errorStreams.delete(id);
      join(port, stream, error);
    },
    onClose() {
      for (const forward of running) forward.drop();
      running.clear();
    },
  });
}

/** Forwards over the channels of a WebSocket: the n-th port's data on channel 2n, its errors on 2n+1. */
export function forwardOverChannels(
  socket: WebSocket,
  target: PortForward,
  { ports, clock }: { readonly ports: readonly number[]; readonly clock: ServedClock },
): void {
  let open = ports.length;
  const running = ports.map((port, index) => {
    const named = Buffer.alloc(2);
    named.writeUInt16LE(port);
    // Each channel begins with the port that it is for.
    sendBytes(socket, 2 * index, named);
    sendBytes(socket, 2 * index + 1, named);
    return runForward(
      target.connect(port),
      {
        data: (bytes) => sendBytes(socket, 2 * index, bytes),
        error: (words) => sendBytes(socket, 2 * index + 1, Buffer.from(words)),
        end() {
          open -= 1;
          if (open === 0) socket.close(1000);
        },
      },
      clock,
    );
  });
  socket.on('message', (data) => {
    const bytes = bytesOf(data);
    const channel = bytes[0] ?? 1;
    if (channel % 2 === 0) running[channel / 2]?.write(bytes.subarray(1));
  });
  const drop = (): void => {
    for (const forward of running) forward.drop();
  };
  socket.on('close', drop);
  socket.on('error', drop);
  clock.ran();
}

/** A port as a stream's header or a request's query names it. */
export function parsePort(text: string): number | undefined {
  const port = Number(text);
  return /^[0-9]{1,5}$/.test(text) && port >= 1 && port <= 65_535 ? port : undefined;
}
