/**
 * A connection tried for somebody who wants to know what comes of it: what `curl` does, told as JSON instead of as text
 * for people. Name resolution and connection are two programs, so that their packets can be told apart.
 */
import type { JsonObject } from '../base/json.ts';
import type { Errno } from '../net/process/errno.ts';
import * as sys from '../net/process/sys.ts';
import type { Program } from '../net/process/syscalls.ts';
import { resolveName } from './dns/resolver.ts';
import { ReceiveBuffer, readResponse } from './http/exchange.ts';
import { formatHead } from './http/message.ts';

/** `probe-resolve NAME`: prints the addresses of a name as a JSON array; exit code 1 when there are none. */
export const probeResolve: Program = function* ({ argv }) {
  const resolved = yield* resolveName(argv[1] ?? '');
  yield* sys.print(JSON.stringify(resolved.ok ? resolved.value.addresses : []));
  return resolved.ok ? 0 : 1;
};

/**
 * `probe-connect PROTOCOL ADDRESS PORT TIMEOUT_MS PATH [HEADER VALUE]…`: prints what came of it as one JSON object: `outcome`
 * (`answered`, `refused`, `timed-out`, `unreachable`, `reset`) and, for http, `response`. Exit code 0.
 */
export const probeConnect: Program = function* ({ argv }) {
  const [, protocol = 'tcp', address = '', port = '0', timeoutMs = '0', path = '/', ...fields] = argv;
  const target = { address, port: Number(port), timeoutMs: Number(timeoutMs), path, fields };
  const outcome = protocol === 'udp' ? yield* probeUdp(target) : yield* probeTcp(target, protocol === 'http');
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

function* probeTcp(target: Target, http: boolean): sys.Sys<JsonObject> {
  const deadlineMs = (yield* sys.now()) + target.timeoutMs;
  const connected = yield* sys.connect(target.address, target.port, { timeoutMs: target.timeoutMs });
  if (!connected.ok) return { outcome: outcomeOf(connected.error) };
  if (!http) {
    yield* sys.close(connected.value);
    return { outcome: 'answered' };
  }
  const sent = yield* sys.send(connected.value, sys.toBytes(requestText(target)));
  if (!sent.ok) return { outcome: outcomeOf(sent.error) };
  const response = yield* readResponse(new ReceiveBuffer(connected.value, deadlineMs), 'GET');
  yield* sys.close(connected.value);
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
  const sent = yield* sys.sendTo(socket.value, target.address, target.port, sys.toBytes('probe\n'));
  if (!sent.ok) return { outcome: outcomeOf(sent.error) };
  const reply = yield* sys.receiveFrom(socket.value, target.timeoutMs);
  yield* sys.close(socket.value);
  return { outcome: reply.ok ? 'answered' : outcomeOf(reply.error) };
}

function requestText(target: Target): string {
  const own: [string, string][] = [];
  for (let index = 0; index + 1 < target.fields.length; index += 2) {
    own.push([target.fields[index] ?? '', target.fields[index + 1] ?? '']);
  }
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
