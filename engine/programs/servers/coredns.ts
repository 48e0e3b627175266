/**
 * CoreDNS as kubeadm runs it: answers over UDP and TCP at port 53 with what its view of the API gives, and tells its health
 * at 8080 and 8181. The view is the host service `dns/kubernetes`, which stands for its watch of the API server.
 * Left out: the Corefile, metrics, the query log, zone transfers.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { type DnsMessage, type DnsRecord, decodeMessage, encodeMessage, rcodes } from '../dns/message.ts';
import { type Datagram, serveDatagrams } from './datagrams.ts';

const hostService = 'dns/kubernetes';
/** Larger answers over UDP are cut, so that the client asks over TCP. Source: RFC 1035, section 4.2.1. */
const maxUdpBytes = 512;

/** `coredns`. */
export const coredns: Program = function* ({ resume }) {
  if (isJsonObject(resume)) {
    if (resume.at === 'udp') return yield* serveDatagrams(Number(resume.socket), answerDatagram);
    if (resume.at === 'connection') return yield* serveConnection(Number(resume.socket), String(resume.role));
    return yield* acceptAll(listenersOf(resume));
  }
  const udp = yield* sys.listen('udp', '0.0.0.0', 53);
  const listeners: { socket: number; role: string }[] = [];
  for (const { port, role } of ports) {
    const listener = yield* sys.listen('tcp', '0.0.0.0', port);
    if (!udp.ok || !listener.ok) {
      yield* sys.printError(`Listen: listen tcp :${port}: bind: address already in use\n`);
      return 1;
    }
    listeners.push({ socket: listener.value, role });
  }
  if (!udp.ok) return 1;
  yield* sys.print('.:53\nCoreDNS-1.14.2\nlinux/amd64, go1.25.6\n');
  yield* sys.thread({ at: 'udp', socket: udp.value });
  return yield* acceptAll(listeners);
};

const ports = [
  { port: 53, role: 'dns' },
  { port: 8080, role: 'http' },
  { port: 8181, role: 'http' },
] as const;

type Listener = { readonly socket: number; readonly role: string };

function listenersOf(resume: JsonObject): readonly Listener[] {
  const { listeners } = resume;
  if (!Array.isArray(listeners)) return [];
  return listeners
    .filter(isJsonObject)
    .map(({ socket, role }) => ({ socket: Number(socket), role: String(role) }));
}

function* acceptAll(listeners: readonly Listener[]): sys.Sys<number> {
  for (;;) {
    yield* sys.checkpoint({ at: 'listening', listeners });
    for (const ready of yield* sys.poll(listeners.map(({ socket }) => socket))) {
      const accepted = yield* sys.accept(ready, 0);
      const role = listeners.find(({ socket }) => socket === ready)?.role ?? 'dns';
      if (accepted.ok) yield* sys.thread({ at: 'connection', socket: accepted.value.socket, role });
    }
  }
}

function* answerDatagram({ bytes: question }: Datagram): sys.Sys<Uint8Array | undefined> {
  const reply = yield* answer(question);
  if (reply === undefined) return undefined;
  const bytes = encodeMessage(reply);
  return bytes.length <= maxUdpBytes
    ? bytes
    : encodeMessage({ ...reply, truncated: true, answers: [], authorities: [], additionals: [] });
}

function* serveConnection(socket: number, role: string): sys.Sys<number> {
  const received = yield* sys.receive(socket, 10_000);
  if (received.ok && received.value !== undefined) {
    if (role === 'http') {
      yield* sys.send(
        socket,
        sys.toBytes('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK'),
      );
    } else {
      // Over TCP two bytes of length stand before each message. Source: RFC 1035, section 4.2.2.
      const reply = yield* answer(received.value.subarray(2));
      if (reply !== undefined) yield* sys.send(socket, withLength(encodeMessage(reply)));
    }
  }
  yield* sys.close(socket);
  return 0;
}

function withLength(bytes: Uint8Array): Uint8Array {
  const framed = new Uint8Array(bytes.length + 2);
  framed.set([bytes.length >> 8, bytes.length & 0xff]);
  framed.set(bytes, 2);
  return framed;
}

function* answer(bytes: Uint8Array): sys.Sys<DnsMessage | undefined> {
  const query = decodeMessage(bytes);
  if (!query.ok || query.value.isResponse || query.value.question === undefined) return undefined;
  const { id, question, recursionDesired } = query.value;
  const told = yield* sys.host(hostService, { ...question });
  const found: JsonObject = told.ok && isJsonObject(told.value) ? told.value : {};
  return {
    id,
    isResponse: true,
    authoritative: found.authoritative === true,
    truncated: false,
    recursionDesired,
    recursionAvailable: found.authoritative !== true,
    rcode: rcodes.find((known) => known === found.rcode) ?? 'SERVFAIL',
    question,
    answers: recordsOf(found.answers),
    authorities: recordsOf(found.authorities),
    additionals: recordsOf(found.additionals),
  };
}

function recordsOf(value: JsonValue | undefined): readonly DnsRecord[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** The add-on's records have the shape of ours; what has not is left out. */
function isRecord(value: JsonValue): value is DnsRecord & JsonObject {
  return (
    isJsonObject(value) &&
    typeof value.name === 'string' &&
    typeof value.ttl === 'number' &&
    value.data !== undefined
  );
}
