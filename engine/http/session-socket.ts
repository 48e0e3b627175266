/**
 * exec and attach over a WebSocket: each message begins with a byte that names its stream. Source:
 * k8s.io/apimachinery/pkg/util/remotecommand/constants.go, k8s.io/kubelet/pkg/cri/streaming/remotecommand/websocket.go.
 *
 * Left out: the size of the terminal, which nothing here shows.
 */
import type { RawData, WebSocket } from 'ws';
import type { Session } from '../api/request.ts';
import type { JsonObject } from '../base/json.ts';
import type { ServedClock } from './clock.ts';

/** Versions of the protocol, the one that is liked best first. The fifth can say that standard input has ended. */
export const sessionProtocols: readonly string[] = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, close: 255 } as const;

/** Joins a session to its client until one of them ends. */
export function joinSession(socket: WebSocket, session: Session, clock: ServedClock): void {
  let isOver = false;
  const finish = (): void => {
    if (isOver) return;
    isOver = true;
    stopListening();
    session.close();
  };
  const pass = (): void => {
    if (isOver) return;
    // Asked first: what the process printed last is read after it.
    const exitCode = session.exitCode();
    sendBytes(socket, channels.stdout, session.readStdout());
    sendBytes(socket, channels.stderr, session.readStderr());
    if (exitCode === undefined) return;
    sendStatus(socket, exitStatus(exitCode));
    finish();
    socket.close(1000);
  };
  const stopListening = clock.onChange(pass);
  socket.on('message', (data) => {
    if (isOver) return;
    const bytes = bytesOf(data);
    const [channel, argument] = bytes;
    if (channel === channels.stdin) session.writeStdin(bytes.subarray(1));
    else if (channel === channels.close && argument === channels.stdin) session.closeStdin();
    clock.ran();
  });
  socket.on('close', finish);
  socket.on('error', finish);
  // Clients take the first message, empty as it is, for the sign that the stream stands.
  socket.send(Buffer.of(channels.stdout));
  clock.ran();
  pass();
}

/** Tells a client of a session that could not begin. */
export function failSession(socket: WebSocket, status: JsonObject): void {
  sendStatus(socket, status);
  socket.close(1000);
}

function sendStatus(socket: WebSocket, status: object): void {
  sendBytes(socket, channels.error, Buffer.from(JSON.stringify(status)));
}

function sendBytes(socket: WebSocket, channel: number, bytes: Uint8Array): void {
  if (bytes.length > 0) socket.send(Buffer.concat([Buffer.of(channel), bytes]));
}

function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

/** Source: k8s.io/kubelet/pkg/cri/streaming/remotecommand/exec.go. */
function exitStatus(exitCode: number): object {
  if (exitCode === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
    code: 500,
  };
}
