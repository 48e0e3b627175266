/**
 * Requests that want to leave HTTP for a stream of their own: exec and attach over a WebSocket. Clients that speak SPDY,
 * the protocol that WebSockets replaced, are told so.
 */
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { ApiRequest, Session } from '../api/request.ts';
import { failure } from '../api/status.ts';
import type { JsonObject } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { HttpBackend } from './backend.ts';
import type { ServedClock } from './clock.ts';
import { readHead } from './read-request.ts';
import { failSession, joinSession, sessionProtocols } from './session-socket.ts';

/** What upgrades are handled with. */
export interface UpgradeDeps {
  readonly backend: HttpBackend;
  readonly clock: ServedClock;
}

/** A connection that asks to be something else than HTTP, its access already granted. */
export interface UpgradeRequest {
  readonly message: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** Makes the handler of upgrades, and what ends all streams. */
export function createUpgrades({ backend, clock }: UpgradeDeps) {
  const server = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => sessionProtocols.find((protocol) => offered.has(protocol)) ?? false,
  });
  return {
    handle({ message, socket, head }: UpgradeRequest): void {
      const opened = openSession(backend, message);
      if (!opened.ok) {
        refuse(socket, opened.error);
        return;
      }
      server.handleUpgrade(message, socket, head, (webSocket) => {
        if (opened.value.type === 'session') joinSession(webSocket, opened.value.session, clock);
        else failSession(webSocket, opened.value.status);
      });
    },
    closeAll(): void {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}

type Opened =
  | { readonly type: 'session'; readonly session: Session }
  | { readonly type: 'failed'; readonly status: JsonObject };

/** Opens the session that a request asks for, if it speaks a protocol that is spoken here. */
function openSession(backend: HttpBackend, message: IncomingMessage): Result<Opened, JsonObject> {
  const head = readHead(message);
  if (!head.ok) return err({ ...head.error });
  const protocol = (message.headers.upgrade ?? '').toLowerCase();
  const offered = (message.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const isKnown = protocol === 'websocket' && sessionProtocols.some((name) => offered.includes(name));
  const answer = backend.send(head.value);
  if (answer.type === 'session') {
    if (isKnown) return ok(answer);
    answer.session.close();
    return err({ ...unknownProtocol(head.value, protocol, offered) });
  }
  if (answer.type !== 'object' || answer.body.kind !== 'Status' || answer.code < 400) {
    return err({ ...failure('BadRequest', 'unable to upgrade: this path has no stream') });
  }
  if (head.value.path.endsWith('/portforward') && answer.code === 400) return err({ ...noPortForward });
  // The stream stands before the container runtime is asked, so what the runtime refuses is told on it.
  const isRuntimes = String(answer.body.message).includes('error executing command in container');
  return isKnown && isRuntimes ? ok({ type: 'failed', status: answer.body }) : err(answer.body);
}

/** Differs: upstream forwards ports. */
const noPortForward = failure(
  'BadRequest',
  'this server does not forward ports: reach the Pod from inside, with kubectl exec or in kubedrill shell',
);

function unknownProtocol(request: ApiRequest, protocol: string, offered: readonly string[]) {
  if (protocol.startsWith('spdy/')) {
    const agent = (request.headers?.['user-agent'] ?? '').split(' ', 1)[0] ?? '';
    const version = agent.includes('/') ? agent.slice(agent.lastIndexOf('/') + 1) : 'an older version';
    return failure(
      'BadRequest',
      `this client (${version}) streams over SPDY, which this server does not speak; kubectl streams over WebSocket from 1.31 on`,
    );
  }
  return failure(
    'BadRequest',
    `unable to upgrade: the client offers ${offered.filter((name) => name !== '').join(', ') || 'no subprotocol'}, the server speaks ${sessionProtocols.join(', ')}`,
  );
}

/** Writes a refusal by hand, since nothing of HTTP is left on an upgraded connection. */
function refuse(socket: Duplex, status: JsonObject): void {
  const code = typeof status.code === 'number' ? status.code : 500;
  const body = `${JSON.stringify(status)}\n`;
  socket.end(
    [
      `HTTP/1.1 ${code} ${STATUS_CODES[code] ?? 'Error'}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}
