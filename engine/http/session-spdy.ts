/**
 * exec and attach over SPDY, as kubectl up to 1.29 speaks by itself and later ones after a WebSocket was refused: a stream
 * for each of error, stdin, stdout, stderr and resize. Source:
 * k8s.io/kubelet/pkg/cri/streaming/remotecommand/httpstream.go.
 */
import type { Duplex } from 'node:stream';
import type { ApiRequest, Session } from '../api/request.ts';
import type { JsonObject } from '../base/json.ts';
import type { ServedClock } from './clock.ts';
import { runSession } from './run-session.ts';
import { type SpdyConnection, type SpdyStream, serveSpdy } from './spdy-connection.ts';
import { maxUnreadBytes } from './unread.ts';

/** The versions that end with a Status on the error stream. */
export const spdySessionProtocols: readonly string[] = ['v4.channel.k8s.io'];

/** How a session can have begun: with a process, or with the runtime's refusal. */
export type BegunSession =
  | { readonly type: 'session'; readonly session: Session }
  | { readonly type: 'failed'; readonly status: JsonObject };

/** Joins a session to its client, as soon as the client has opened the streams that its request names. */
export function joinSpdySession(
  transport: Duplex,
  begun: BegunSession,
  { request, clock }: { readonly request: ApiRequest; readonly clock: ServedClock },
): SpdyConnection {
  const missing = new Set(wantedStreams(request));
  const streams = new Map<string, SpdyStream>();
  const early: Buffer[] = [];
  let hasStdinEnded = false;
  let size = '';
  let running: ReturnType<typeof runSession> | undefined;
  const end = (status: object): void => {
    streams.get('error')?.write(Buffer.from(JSON.stringify(status)));
    for (const stream of streams.values()) stream.end();
    connection.close();
  };
  const send = (name: 'stdout' | 'stderr', bytes: Uint8Array): void => {
    streams.get(name)?.write(bytes);
    if (transport.writableLength > maxUnreadBytes) transport.destroy();
  };
  const start = (): void => {
    if (begun.type === 'failed') {
      end(begun.status);
      return;
    }
    running = runSession(
      begun.session,
      {
        stdout: (bytes) => send('stdout', bytes),
        stderr: (bytes) => send('stderr', bytes),
        end,
      },
      clock,
    );
    running.resize(size);
    for (const bytes of early.splice(0)) running.write(bytes);
    if (hasStdinEnded) running.closeStdin();
  };
  const connection = serveSpdy(transport, {
    onStream(stream) {
      const name = stream.headers.get('streamtype') ?? '';
      streams.set(name, stream);
      if (name === 'stdin') {
        stream.listen(
          (bytes) => (running === undefined ? void early.push(Buffer.from(bytes)) : running.write(bytes)),
          () => {
            hasStdinEnded = true;
            running?.closeStdin();
          },
        );
      }
      if (name === 'resize') {
        stream.listen(
          (bytes) => {
            // Of several that came in one piece the last counts.
            size = Buffer.from(bytes).toString().trim().split('\n').at(-1) ?? '';
            running?.resize(size);
          },
          () => {},
        );
      }
      if (missing.delete(name) && missing.size === 0) start();
    },
    onClose() {
      if (running !== undefined) running.drop();
      else if (begun.type === 'session') begun.session.close();
    },
  });
  return connection;
}

function wantedStreams({ query = [] }: ApiRequest): readonly string[] {
  const asked = (name: string) =>
    query.some(([key, value]) => key === name && (value === 'true' || value === '1'));
  const output = asked('tty') ? ['stdout'] : ['stdout', 'stderr'];
  return ['error', ...['stdin', ...output].filter(asked)];
}
