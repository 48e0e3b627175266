/**
 * A connection tried for somebody who wants to know what comes of it: what `curl` does, told as JSON instead of as text
 * for people. Name resolution and connection are two programs, so that their packets can be told apart.
 */
import { matchesHost, readCertificate, validity } from '../base/certificates.ts';
import type { JsonObject } from '../base/json.ts';
import type { Errno } from '../net/process/errno.ts';
import * as sys from '../net/process/sys.ts';
import type { Program } from '../net/process/syscalls.ts';
import { createQuery, encodeMessage } from './dns/message.ts';
import { resolveName } from './dns/resolver.ts';
import { ReceiveBuffer, readResponse } from './http/exchange.ts';
import { formatHead, header } from './http/message.ts';
import { type ByteStream, socketStream } from './http/stream.ts';
import { connectTls, takeAnyCertificate } from './tls/session.ts';

/** `probe-resolve NAME`: prints the addresses of a name as a JSON array; exit code 1 when there are none. */
export const probeResolve: Program = function* ({ argv }) {
  const resolved = yield* resolveName(argv[1] ?? '');
  yield* sys.print(JSON.stringify(resolved.ok ? resolved.value.addresses : []));
  return resolved.ok ? 0 : 1;
};

/**
 * `probe-connect PROTOCOL ADDRESS PORT TIMEOUT_MS PATH [HEADER VALUE]…`: prints what came of it as one JSON object: `outcome`
 * (`answered`, `refused`, `timed-out`, `unreachable`, `reset`) and, for http and https, `response`; for https the `certificate`
 * that was shown for the name in the Host field, whatever it is. Exit code 0.
 */
export const probeConnect: Program = function* ({ argv }) {
  const [, protocol = 'tcp', address = '', port = '0', timeoutMs = '0', path = '/', ...fields] = argv;
  const target = { address, port: Number(port), timeoutMs: Number(timeoutMs), path, fields };
  const outcome = protocol === 'udp' ? yield* probeUdp(target) : yield* probeTcp(target, protocol);
  yield* sys.print(JSON.stringify(outcome));
  return 0;
};

interface Target {
  readonly address: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly path: string;
  readonly fields: readonly string[];
}

function* probeTcp(target: Target, protocol: string): sys.Sys<JsonObject> {
  const deadlineMs = (yield* sys.now()) + target.timeoutMs;
  const connected = yield* sys.connect(target.address, target.port, { timeoutMs: target.timeoutMs });
  if (!connected.ok) return { outcome: outcomeOf(connected.error) };
  const socket = connected.value;
  if (protocol === 'tcp') {
    yield* sys.close(socket);
    return { outcome: 'answered' };
  }
  if (protocol === 'http') return yield* ask(target, socket, socketStream(socket), deadlineMs);
  const host = (header(fieldsOf(target), 'host') ?? '').replace(/:\d+$/, '');
  const session = yield* connectTls<never>(
    socket,
    { ...(isAddress(host) ? {} : { serverName: host }), alpn: ['http/1.1'] },
    takeAnyCertificate,
    deadlineMs,
  );
  if (!session.ok) {
    yield* sys.close(socket);
    return { outcome: session.error.kind === 'errno' ? outcomeOf(session.error.errno) : 'reset' };
  }
  const shown = describeCertificate(session.value.certificates[0], host, yield* sys.now());
  return { ...(yield* ask(target, socket, session.value.stream, deadlineMs)), ...shown };
}

function isAddress(host: string): boolean {
  return /^[\d.]+$/.test(host);
}

function describeCertificate(bytes: Uint8Array | undefined, host: string, nowMs: number): JsonObject {
  const certificate = bytes === undefined ? undefined : readCertificate(bytes);
  if (certificate === undefined) return {};
  const { fromMs, toMs } = validity(certificate);
  return {
    certificate: {
      subject: certificate.subject.split('\n').join(','),
      names: certificate.subjectAltName ?? '',
      matchesHost: matchesHost(certificate, host),
      isCurrent: nowMs >= fromMs && nowMs <= toMs,
    },
  };
}

function* ask(target: Target, socket: number, stream: ByteStream, deadlineMs: number): sys.Sys<JsonObject> {
  const sent = yield* stream.send(sys.toBytes(requestText(target)));
  if (!sent.ok) return { outcome: outcomeOf(sent.error) };
  const response = yield* readResponse(new ReceiveBuffer(stream, deadlineMs), 'GET');
  yield* sys.close(socket);
  if (!response.ok) {
    return { outcome: response.error.kind === 'errno' ? outcomeOf(response.error.errno) : 'reset' };
  }
  const headers = Object.fromEntries(
    response.value.headers.map(([name, value]) => [name.toLowerCase(), value]),
  );
  return {
    outcome: 'answered',
    response: { status: response.value.status, headers, body: sys.toText(response.value.body) },
  };
}

/** A datagram counts as answered when any datagram comes back. */
function* probeUdp(target: Target): sys.Sys<JsonObject> {
  const socket = yield* sys.listen('udp', '0.0.0.0', 0);
  if (!socket.ok) return { outcome: outcomeOf(socket.error) };
  const question = encodeMessage(createQuery(0, { name: '.', type: 'NS' }));
  const sent = yield* sys.sendTo(socket.value, target.address, target.port, question);
  if (!sent.ok) return { outcome: outcomeOf(sent.error) };
  const reply = yield* sys.receiveFrom(socket.value, target.timeoutMs);
  yield* sys.close(socket.value);
  return { outcome: reply.ok ? 'answered' : outcomeOf(reply.error) };
}

function fieldsOf({ fields }: Target): [string, string][] {
  const own: [string, string][] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    own.push([fields[index] ?? '', fields[index + 1] ?? '']);
  }
  return own;
}

function requestText(target: Target): string {
  const own = fieldsOf(target);
  const hasHost = own.some(([name]) => name.toLowerCase() === 'host');
  const host: [string, string][] = hasHost ? [] : [['Host', `${target.address}:${target.port}`]];
  return formatHead(`GET ${target.path} HTTP/1.1`, [
    ...host,
    ['User-Agent', 'probe'],
    ['Accept', '*/*'],
    ['Connection', 'close'],
    ...own,
  ]);
}

function outcomeOf(errno: Errno): string {
  switch (errno) {
    case 'ECONNREFUSED':
      return 'refused';
    case 'ETIMEDOUT':
    case 'EAGAIN':
      return 'timed-out';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'reset';
    default:
      return 'unreachable';
  }
}
