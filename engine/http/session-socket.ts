/**
 * exec and attach over a WebSocket: each message begins with a byte that names its stream. Source:
 * k8s.io/apimachinery/pkg/util/remotecommand/constants.go, k8s.io/kubelet/pkg/cri/streaming/remotecommand/websocket.go.
 */
import type { RawData, WebSocket } from 'ws';
import type { Session } from '../api/request.ts';
import type { JsonObject } from '../base/json.ts';
import type { ServedClock } from './clock.ts';
import { runSession } from './run-session.ts';
import { maxUnreadBytes } from './unread.ts';

/** Versions of the protocol, the one that is liked best first. The fifth can say that standard input has ended. */
export const sessionProtocols: readonly string[] = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** Joins a session to its client until one of them ends. */
export function joinSession(socket: WebSocket, session: Session, clock: ServedClock): void {
  // Clients take the first message, empty as it is, for the sign that the stream stands.
  socket.send(Buffer.of(channels.stdout));
  const running = runSession(
    session,
    {
      stdout: (bytes) => sendBytes(socket, channels.stdout, bytes),
      stderr: (bytes) => sendBytes(socket, channels.stderr, bytes),
      end(status) {
        sendStatus(socket, status);
        socket.close(1000);
      },
    },
    clock,
  );
  socket.on('message', (data) => {
    const bytes = bytesOf(data);
    const [channel, argument] = bytes;
    if (channel === channels.stdin) running.write(bytes.subarray(1));
    else if (channel === channels.resize) running.resize(bytes.subarray(1).toString());
    else if (channel === channels.close && argument === channels.stdin) running.closeStdin();
  });
  socket.on('close', running.drop);
  socket.on('error', running.drop);
}

/** Tells a client of a session that could not begin. */
export function failSession(socket: WebSocket, status: JsonObject): void {
  sendStatus(socket, status);
  socket.close(1000);
}

/** A message's bytes, however they came. */
export function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

function sendStatus(socket: WebSocket, status: object): void {
  sendBytes(socket, channels.error, Buffer.from(JSON.stringify(status)));
}

/** Sends bytes on a channel; a client that leaves too much unread is let go. */
export function sendBytes(socket: WebSocket, channel: number, bytes: Uint8Array): void {
  if (bytes.length === 0) return;
  socket.send(Buffer.concat([Buffer.of(channel), bytes]));
  if (socket.bufferedAmount > maxUnreadBytes) socket.terminate();
}
