/**
 * Requests that want to leave HTTP for streams of their own: exec, attach and port-forward, over a WebSocket, over SPDY, or,
 * for port-forward, over SPDY inside a WebSocket. Which of them a client speaks, it says in its headers.
 */
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws';
import type { ApiRequest, PortForward } from '../api/request.ts';
import { failure } from '../api/status.ts';
import type { JsonObject } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { HttpBackend } from './backend.ts';
import type { ServedClock } from './clock.ts';
import {
  forwardOverChannels,
  forwardOverSpdy,
  parsePort,
  portForwardChannels,
  portForwardProtocol,
  tunnelProtocol,
} from './port-forward.ts';
import { readHead } from './read-request.ts';
import { failSession, joinSession, sessionProtocols } from './session-socket.ts';
import { type BegunSession, joinSpdySession, spdySessionProtocols } from './session-spdy.ts';

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
  const chosen = new WeakMap<IncomingMessage, string>();
  const server = new WebSocketServer({
    noServer: true,
    handleProtocols: (_, message) => chosen.get(message) ?? false,
  });
  const sockets = new Set<Duplex>();

  function serveWebSocket(webSocket: WebSocket, opened: Opened, request: ApiRequest): void {
    if (opened.type !== 'port-forward') {
      if (opened.type === 'session') joinSession(webSocket, opened.session, clock);
      else failSession(webSocket, opened.status);
    } else if (webSocket.protocol === tunnelProtocol) {
      forwardOverSpdy(createWebSocketStream(webSocket), opened.portForward, clock);
    } else {
      forwardOverChannels(webSocket, opened.portForward, { ports: portsOf(request), clock });
    }
  }

  function serveSpdyClient(socket: Duplex, opened: Opened, request: ApiRequest): void {
    if (opened.type === 'port-forward') forwardOverSpdy(socket, opened.portForward, clock);
    else joinSpdySession(socket, opened, { request, clock });
  }

  return {
    handle({ message, socket, head }: UpgradeRequest): void {
      const request = readHead(message);
      if (!request.ok) {
        refuseUpgrade(socket, { ...request.error });
        return;
      }
      const offer = readOffer(message);
      const opened = open(backend, request.value, offer);
      if (!opened.ok) {
        refuseUpgrade(socket, opened.error);
        return;
      }
      const { protocol, value } = opened.value;
      if (offer.transport === 'websocket') {
        chosen.set(message, protocol);
        server.handleUpgrade(message, socket, head, (webSocket) =>
          serveWebSocket(webSocket, value, request.value),
        );
        return;
      }
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`,
      );
      if (head.length > 0) socket.unshift(head);
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      serveSpdyClient(socket, value, request.value);
    },
    closeAll(): void {
      for (const client of server.clients) client.terminate();
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** What a client can speak, the transport and the protocols over it. */
interface Offer {
  readonly transport: string;
  readonly protocols: readonly string[];
}

function readOffer({ headers }: IncomingMessage): Offer {
  const transport = (headers.upgrade ?? '').toLowerCase();
  const named =
    transport === 'websocket' ? headers['sec-websocket-protocol'] : headers['x-stream-protocol-version'];
  const text = Array.isArray(named) ? named.join(',') : (named ?? '');
  return { transport, protocols: text.split(',').map((name) => name.trim()) };
}

type Opened = BegunSession | { readonly type: 'port-forward'; readonly portForward: PortForward };

/** Opens what a request asks for, if the client speaks a protocol that is spoken here. */
function open(
  backend: HttpBackend,
  request: ApiRequest,
  offer: Offer,
): Result<{ readonly protocol: string; readonly value: Opened }, JsonObject> {
  const answer = backend.send(request);
  if (answer.type === 'session' || answer.type === 'port-forward') {
    const protocol = chooseProtocol(answer.type, offer);
    if (protocol.ok) return ok({ protocol: protocol.value, value: answer });
    if (answer.type === 'session') answer.session.close();
    return protocol;
  }
  if (answer.type !== 'object' || answer.body.kind !== 'Status' || answer.code < 400) {
    return err({ ...failure('BadRequest', 'unable to upgrade: this path has no stream') });
  }
  // The stream stands before the container runtime is asked, so what the runtime refuses is told on it.
  const isRuntimes = String(answer.body.message).includes('error executing command in container');
  const protocol = chooseProtocol('session', offer);
  if (!isRuntimes || !protocol.ok) return err(answer.body);
  return ok({ protocol: protocol.value, value: { type: 'failed', status: answer.body } });
}

const spoken = {
  session: { websocket: sessionProtocols, spdy: spdySessionProtocols },
  'port-forward': {
    websocket: [tunnelProtocol, ...portForwardChannels],
    spdy: [portForwardProtocol],
  },
} as const;

function chooseProtocol(kind: keyof typeof spoken, offer: Offer): Result<string, JsonObject> {
  const known = offer.transport === 'websocket' ? spoken[kind].websocket : spoken[kind].spdy;
  const isTransport = offer.transport === 'websocket' || offer.transport === 'spdy/3.1';
  const chosen = isTransport ? known.find((name) => offer.protocols.includes(name)) : undefined;
  if (chosen !== undefined) return ok(chosen);
  const offered = offer.protocols.filter((name) => name !== '').join(', ') || 'no protocol';
  return err({
    ...failure(
      'BadRequest',
      `unable to upgrade: the client offers ${offered} over ${JSON.stringify(offer.transport)}, the server speaks ${known.join(', ')}`,
    ),
  });
}

/** Ports that a request for channels names, once or several times, comma or not. */
function portsOf({ query = [] }: ApiRequest): readonly number[] {
  return query
    .filter(([name]) => name === 'ports' || name === 'port')
    .flatMap(([, value]) => value.split(','))
    .flatMap((text) => parsePort(text) ?? []);
}

/** Writes a refusal by hand, since nothing of HTTP is left on an upgraded connection. */
export function refuseUpgrade(socket: Duplex, status: JsonObject): void {
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
