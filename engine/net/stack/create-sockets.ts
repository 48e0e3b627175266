/** The sockets of all namespaces: what processes call, put together from the protocols. */
import { err, ok, type Result } from '../../base/result.ts';
import { formatIPv4, parseIPv4 } from '../ipv4.ts';
import type { Packet } from '../packet.ts';
import { joinBytes } from '../process/bytes.ts';
import type { Errno } from '../process/errno.ts';
import type { SocketAddress } from '../process/syscalls.ts';
import type { Verdict } from '../trace.ts';
import { sendIcmpError } from './hooks.ts';
import { receiveIcmp, sendEcho } from './icmp.ts';
import { requireNamespace } from './namespaces.ts';
import { isLocalAddress } from './routes.ts';
import { noListener, type SocketContext } from './socket-context.ts';
import type { SocketState, TcpConnection, TcpListener } from './socket-state.ts';
import {
  addSocket,
  anyAddress,
  findConnection,
  isPortTaken,
  own,
  removeSocket,
  takeFreePort,
  takeSocketId,
} from './socket-table.ts';
import type { SocketId, Sockets } from './sockets.ts';
import { chooseSource } from './source-address.ts';
import type { NamespaceState, NetworkState } from './state.ts';
import { abortConnection, closeConnection, openConnection, receiveTcp, sendBytes } from './tcp.ts';
import { adjustTimer, runTimer, tcpTimerEvent } from './tcp-timer.ts';
import { type NetworkDeps, Transit } from './transit.ts';
import { receiveUdp, sendDatagram } from './udp.ts';

/** The sockets, and what the rest of the network asks of them. */
export interface SocketLayer {
  readonly sockets: Sockets;
  /** Takes away the sockets of a namespace that goes: no packet is sent, their owners are told. */
  forgetNamespace(namespace: NamespaceState): void;
}

/** Wires sockets and the way of packets; registers the events of both. */
export function createSocketLayer(deps: NetworkDeps, state: NetworkState): SocketLayer {
  let onReady: ((socket: SocketId, pid: number) => void) | undefined;
  let news: SocketState[] = [];
  const touched = new Set<TcpConnection>();
  const transit = new Transit(deps, state, { deliver, settled: settle });
  const ctx: SocketContext = {
    state,
    queue: deps.queue,
    random: deps.random,
    send: (namespace, draft) => transit.send(namespace, draft),
    notify: (socket) => news.push(socket),
    touch: (connection) => touched.add(connection),
  };
  deps.queue.on(tcpTimerEvent, (payload) => {
    runTimer(ctx, payload);
    settle();
  });

  function deliver(namespace: NamespaceState, packet: Packet): Verdict {
    switch (packet.protocol) {
      case 'tcp':
        return receiveTcp(ctx, namespace, packet);
      case 'udp':
        return receiveUdp(ctx, transit, namespace, packet);
      case 'icmp':
        return receiveIcmp(ctx, namespace, packet);
      case 'sctp':
        sendIcmpError(transit, namespace, packet, 'protocol');
        return noListener(namespace, packet);
    }
  }

  /** Lets all packets come to their end, then sets timers and tells owners, each once. */
  function settle(): void {
    transit.run();
    for (const connection of touched) adjustTimer(ctx, connection);
    touched.clear();
    const told = new Set(news);
    news = [];
    for (const socket of told) onReady?.(socket.id, socket.pid);
  }

  function settled<T>(outcome: T): T {
    settle();
    return outcome;
  }

  function close(socket: SocketState): void {
    if (socket.kind === 'connection') {
      closeConnection(ctx, socket);
      return;
    }
    if (socket.kind === 'listener') {
      for (const id of [...socket.handshakes, ...socket.acceptable]) {
        const waiting = state.sockets.get(id);
        if (waiting?.kind === 'connection') abortConnection(ctx, waiting);
      }
    }
    removeSocket(state, socket);
  }

  const sockets: Sockets = {
    listen: (options) => listen(ctx, options),
    connect: (options) => settled(connect(ctx, options)),
    accept(id) {
      const listener = state.sockets.get(id);
      if (listener?.kind !== 'listener') return err(listener === undefined ? 'EBADF' : 'EINVAL');
      return accept(state, listener);
    },
    send(id, bytes) {
      const socket = state.sockets.get(id);
      if (socket === undefined) return err('EBADF');
      return settled(socket.kind === 'connection' ? sendBytes(ctx, socket, bytes) : err('ENOTCONN'));
    },
    receive(id) {
      const socket = state.sockets.get(id);
      if (socket === undefined) return err('EBADF');
      return socket.kind === 'connection' ? receive(socket) : err('ENOTCONN');
    },
    sendTo(id, to, bytes) {
      const socket = state.sockets.get(id);
      if (socket === undefined) return err('EBADF');
      return settled(socket.kind === 'udp' ? sendDatagram(ctx, socket, to, bytes) : err('EINVAL'));
    },
    receiveFrom(id) {
      const socket = state.sockets.get(id);
      if (socket?.kind !== 'udp') return err(socket === undefined ? 'EBADF' : 'EINVAL');
      const { error } = socket;
      socket.error = undefined;
      if (error !== undefined) return err(error);
      const datagram = socket.datagrams.shift();
      if (datagram === undefined) return err('EAGAIN');
      socket.receivedBytes -= datagram.bytes.length;
      return ok(datagram);
    },
    status(id) {
      const socket = state.sockets.get(id);
      return socket === undefined ? { state: 'closed' } : statusOf(socket);
    },
    isReadable(id) {
      const socket = state.sockets.get(id);
      return socket !== undefined && isReadable(socket);
    },
    name(id) {
      const socket = state.sockets.get(id);
      if (socket === undefined || socket.kind === 'ping') return undefined;
      return { local: socket.local, ...(socket.kind === 'connection' ? { peer: socket.peer } : {}) };
    },
    close(id) {
      const socket = state.sockets.get(id);
      if (socket !== undefined) close(socket);
      settle();
    },
    closeAllOf(pid) {
      state.taps.delete(pid);
      for (const id of [...(state.socketsOfPid.get(pid) ?? [])]) {
        const socket = state.sockets.get(id);
        if (socket !== undefined) close(socket);
      }
      settle();
    },
    ping: (options) => settled(sendEcho(ctx, options)).id,
    pingResult(id) {
      const socket = state.sockets.get(id);
      return socket?.kind === 'ping' ? socket.result : undefined;
    },
    listenersOf: (pid) =>
      [...(state.socketsOfPid.get(pid) ?? [])].flatMap((id) => listeningAt(state.sockets.get(id))),
    onReady(listener) {
      onReady = listener;
    },
  };

  return {
    sockets,
    forgetNamespace(namespace) {
      for (const socket of [...state.sockets.values()]) {
        if (socket.netns !== namespace.id) continue;
        removeSocket(state, socket);
        if (socket.kind === 'connection') touched.add(socket);
        news.push(socket);
      }
      settle();
    },
  };
}

function listen(
  ctx: SocketContext,
  { netns, protocol, address, port, pid }: Parameters<Sockets['listen']>[0],
): Result<SocketId, Errno> {
  const namespace = requireNamespace(ctx.state, netns);
  const value = parseIPv4(address);
  if (value === undefined || !isPort(port)) return err('EINVAL');
  const canonical = formatIPv4(value);
  if (canonical !== anyAddress && !isLocalAddress(namespace, canonical)) return err('EADDRNOTAVAIL');
  const isTaken = (candidate: number) =>
    isPortTaken(ctx.state, namespace, protocol, { address: canonical, port: candidate });
  const chosen = port === 0 ? takeFreePort(ctx.random, isTaken) : port;
  if (chosen === undefined || isTaken(chosen)) return err('EADDRINUSE');
  const base = {
    id: takeSocketId(ctx.state),
    netns,
    pid,
    local: Object.freeze({ address: canonical, port: chosen }),
  };
  const socket: SocketState =
    protocol === 'tcp'
      ? { ...base, kind: 'listener', handshakes: new Set(), acceptable: [] }
      : {
          ...base,
          kind: 'udp',
          datagrams: [],
          receivedBytes: 0,
          connectedTo: undefined,
          isClient: port === 0,
          error: undefined,
        };
  addSocket(ctx.state, socket, true);
  return ok(socket.id);
}

function connect(
  ctx: SocketContext,
  { netns, address, port, pid, sourceAddress }: Parameters<Sockets['connect']>[0],
): Result<SocketId, Errno> {
  const namespace = requireNamespace(ctx.state, netns);
  if (!isPort(port)) return err('EINVAL');
  const from = sourceAddress === undefined ? undefined : parseIPv4(sourceAddress);
  if (sourceAddress !== undefined && from === undefined) return err('EINVAL');
  // TCP knows no broadcasts: where other protocols may not send one, there is no way for it.
  const asked = from === undefined ? undefined : formatIPv4(from);
  const ends = chooseSource(namespace, address, asked, 'ENETUNREACH');
  if (!ends.ok) return ends;
  const { source, destination } = ends.value;
  const peer: SocketAddress = Object.freeze({ address: destination, port });
  const isTaken = (candidate: number) => {
    const local = { address: source, port: candidate };
    return (
      findConnection(ctx.state, namespace, local, peer) !== undefined ||
      isPortTaken(ctx.state, namespace, 'tcp', local)
    );
  };
  const localPort = takeFreePort(ctx.random, isTaken);
  if (localPort === undefined) return err('EADDRNOTAVAIL');
  const local = Object.freeze({ address: source, port: localPort });
  return ok(openConnection(ctx, { netns, pid, local, peer }).id);
}

function accept(state: NetworkState, listener: TcpListener): ReturnType<Sockets['accept']> {
  const id = listener.acceptable.shift();
  const connection = id === undefined ? undefined : state.sockets.get(id);
  if (connection?.kind !== 'connection') return err('EAGAIN');
  connection.listener = undefined;
  own(state, connection);
  return ok({ socket: connection.id, local: connection.local, peer: connection.peer });
}

/** Bytes that came before an error or the end are read first, as on Linux. */
function receive(connection: TcpConnection): ReturnType<Sockets['receive']> {
  if (connection.receivedBytes > 0) {
    connection.receivedBytes = 0;
    return ok({ bytes: joinBytes(connection.received.splice(0)) });
  }
  const { error } = connection;
  connection.error = undefined;
  if (error !== undefined) return err(error);
  if (connection.peerClosed || connection.state === 'CLOSED') return ok({ eof: true });
  return err('EAGAIN');
}

function statusOf(socket: SocketState): ReturnType<Sockets['status']> {
  if (socket.kind === 'listener') return { state: 'listening' };
  if (socket.kind !== 'connection') return { state: 'established' };
  if (socket.error !== undefined) return { state: 'failed', errno: socket.error };
  if (socket.state === 'SYN-SENT' || socket.state === 'SYN-RECV') return { state: 'connecting' };
  return { state: socket.state === 'CLOSED' ? 'closed' : 'established' };
}

function isReadable(socket: SocketState): boolean {
  switch (socket.kind) {
    case 'listener':
      return socket.acceptable.length > 0;
    case 'udp':
      return socket.datagrams.length > 0 || socket.error !== undefined;
    case 'ping':
      return socket.result !== undefined;
    case 'connection':
      return (
        socket.receivedBytes > 0 ||
        socket.peerClosed ||
        socket.error !== undefined ||
        socket.state === 'CLOSED'
      );
  }
}

function listeningAt(socket: SocketState | undefined): ReturnType<Sockets['listenersOf']> {
  if (socket?.kind === 'listener') return [{ protocol: 'tcp', local: socket.local }];
  return socket?.kind === 'udp' ? [{ protocol: 'udp', local: socket.local }] : [];
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 0 && port <= 65_535;
}
