/** Which socket a packet belongs to, and which addresses and ports are free. */
import type { Random } from '../../base/random.ts';
import type { SocketAddress } from '../process/syscalls.ts';
import { requireNamespace } from './namespaces.ts';
import type { SocketState } from './socket-state.ts';
import type { SocketId } from './sockets.ts';
import type { NamespaceState, NetworkState } from './state.ts';

/** Every address of a namespace. */
export const anyAddress = '0.0.0.0';

/** Source: ip_local_port_range in Linux ip-sysctl. */
const ephemeralPorts = { first: 32_768, count: 28_232 };

/** The number of a socket that is about to be made. */
export function takeSocketId(state: NetworkState): SocketId {
  const id = state.nextSocketId;
  state.nextSocketId += 1;
  return id;
}

/** Adds a socket. Connections that wait to be accepted belong to nobody yet (`owned` false). */
export function addSocket(state: NetworkState, socket: SocketState, owned: boolean): void {
  const namespace = requireNamespace(state, socket.netns);
  state.sockets.set(socket.id, socket);
  if (owned) own(state, socket);
  if (socket.kind === 'connection') {
    namespace.connections.set(connectionKey(socket.local, socket.peer), socket.id);
    return;
  }
  const key = bindingKey(socket);
  namespace.listeners.set(key, Object.freeze([...(namespace.listeners.get(key) ?? []), socket.id]));
}

/** Notes the process that a socket belongs to. */
export function own(state: NetworkState, socket: SocketState): void {
  const ofPid = state.socketsOfPid.get(socket.pid) ?? new Set<SocketId>();
  state.socketsOfPid.set(socket.pid, ofPid.add(socket.id));
}

/** The process has nothing to do with the socket any more. */
export function disown(state: NetworkState, socket: SocketState): void {
  const ofPid = state.socketsOfPid.get(socket.pid);
  ofPid?.delete(socket.id);
  if (ofPid?.size === 0) state.socketsOfPid.delete(socket.pid);
}

/** No packet finds the socket any more; its owner may still read from it. */
export function unbind(state: NetworkState, socket: SocketState): void {
  const namespace = state.namespaces.get(socket.netns);
  if (namespace === undefined) return;
  if (socket.kind === 'connection') {
    const key = connectionKey(socket.local, socket.peer);
    if (namespace.connections.get(key) === socket.id) namespace.connections.delete(key);
    return;
  }
  const key = bindingKey(socket);
  const left = (namespace.listeners.get(key) ?? []).filter((id) => id !== socket.id);
  if (left.length === 0) namespace.listeners.delete(key);
  else namespace.listeners.set(key, Object.freeze(left));
}

/** Takes a socket away altogether. */
export function removeSocket(state: NetworkState, socket: SocketState): void {
  unbind(state, socket);
  disown(state, socket);
  state.sockets.delete(socket.id);
}

/** The connection of a packet, looked at from the end whose addresses are `local`. */
export function findConnection(
  state: NetworkState,
  namespace: NamespaceState,
  local: SocketAddress,
  peer: SocketAddress,
): SocketState | undefined {
  const id = namespace.connections.get(connectionKey(local, peer));
  return id === undefined ? undefined : state.sockets.get(id);
}

/** The socket that is bound to an address and port: to just this address, else to all. */
export function findBound(
  state: NetworkState,
  namespace: NamespaceState,
  protocol: 'tcp' | 'udp',
  { address, port }: SocketAddress,
): SocketState | undefined {
  let wildcard: SocketState | undefined;
  for (const socket of boundTo(state, namespace, `${protocol}:${port}`)) {
    const bound = boundAddress(socket);
    if (bound === address) return socket;
    if (bound === anyAddress) wildcard ??= socket;
  }
  return wildcard;
}

/** The echo requests of a namespace that are under way. */
export function* pendingPings(state: NetworkState, namespace: NamespaceState): Generator<SocketState> {
  for (const key of namespace.listeners.keys()) {
    if (key.startsWith('icmp:')) yield* boundTo(state, namespace, key);
  }
}

/** Whether a port can't be bound: 0.0.0.0 overlaps with every address. Source: inet_csk_get_port in Linux. */
export function isPortTaken(
  state: NetworkState,
  namespace: NamespaceState,
  protocol: 'tcp' | 'udp',
  { address, port }: SocketAddress,
): boolean {
  for (const socket of boundTo(state, namespace, `${protocol}:${port}`)) {
    const bound = boundAddress(socket);
    if (bound === address || bound === anyAddress || address === anyAddress) return true;
  }
  return false;
}

/** A port of 32768–60999 that nobody has, searched from a random one on; undefined when all are taken. */
export function takeFreePort(random: Random, isTaken: (port: number) => boolean): number | undefined {
  const start = random.below(ephemeralPorts.count);
  for (let step = 0; step < ephemeralPorts.count; step += 1) {
    const port = ephemeralPorts.first + ((start + step) % ephemeralPorts.count);
    if (!isTaken(port)) return port;
  }
  return undefined;
}

function* boundTo(state: NetworkState, namespace: NamespaceState, key: string): Generator<SocketState> {
  for (const id of namespace.listeners.get(key) ?? []) {
    const socket = state.sockets.get(id);
    if (socket !== undefined) yield socket;
  }
}

function boundAddress(socket: SocketState): string | undefined {
  return socket.kind === 'ping' ? undefined : socket.local.address;
}

function bindingKey(socket: Exclude<SocketState, { readonly kind: 'connection' }>): string {
  if (socket.kind === 'ping') return `icmp:${socket.identifier}`;
  return `${socket.kind === 'listener' ? 'tcp' : 'udp'}:${socket.local.port}`;
}

function connectionKey(local: SocketAddress, peer: SocketAddress): string {
  return `${local.address}:${local.port} ${peer.address}:${peer.port}`;
}
