/**
 * What the kubelet does when it probes over the network: one request from the node, as a process of its own so that its
 * packets travel as any others do. Prints a line of JSON.
 * Source: pkg/probe/http/request.go and http.go, pkg/probe/tcp/tcp.go.
 */
import type { JsonValue } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { askGrpcHealth, type GrpcProbe } from './grpc-probe.ts';

/** What to try. */
export type NetworkProbe =
  | GrpcProbe
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly timeoutMs: number }
  | {
      readonly kind: 'http';
      readonly host: string;
      readonly port: number;
      readonly timeoutMs: number;
      readonly url: string;
      readonly request: string;
    };

/** How it went: `output` stands in the event of a failure. */
export interface ProbeVerdict {
  readonly success: boolean;
  readonly output: string;
  /** Whether the probe itself could not be run. */
  readonly isError?: boolean;
}

/** The longest answer that is looked at. Source: pkg/probe/http, maxRespBodyLength. */
const maxBodyBytes = 10 * 1024;

/** Runs the probe that stands in argv[1] as JSON. */
export const probeProgram: Program = function* ({ argv }) {
  const probe = parseNetworkProbe(argv[1] ?? '');
  const verdict = probe === undefined ? { success: false, output: '' } : yield* runProbe(probe);
  yield* sys.print(JSON.stringify(verdict));
  return verdict.success ? 0 : 1;
};

function* runProbe(probe: NetworkProbe): sys.Sys<ProbeVerdict> {
  if (probe.kind === 'grpc') return yield* askGrpcHealth(probe);
  const connected = yield* sys.connect(probe.host, probe.port, { timeoutMs: probe.timeoutMs });
  if (!connected.ok) {
    const failure = dialError(probe, connected.error);
    return {
      success: false,
      output: probe.kind === 'tcp' ? failure : `Get "${probe.url}": ${httpError(failure, connected.error)}`,
    };
  }
  const socket = connected.value;
  if (probe.kind === 'tcp') {
    yield* sys.close(socket);
    return { success: true, output: '' };
  }
  const answer = yield* exchange(socket, probe.request, probe.timeoutMs);
  yield* sys.close(socket);
  if (!answer.ok) return { success: false, output: `Get "${probe.url}": ${answer.error}` };
  const status = /^HTTP\/[0-9.]+ ([0-9]{3})/.exec(answer.value)?.[1];
  if (status === undefined) {
    return {
      success: false,
      output: `Get "${probe.url}": net/http: HTTP/1.x transport connection broken: malformed HTTP response`,
    };
  }
  const code = Number(status);
  if (code >= 200 && code < 400) return { success: true, output: '' };
  return { success: false, output: `HTTP probe failed with statuscode: ${code}` };
}

function* exchange(socket: number, request: string, timeoutMs: number): sys.Sys<Result<string, string>> {
  const sent = yield* sys.send(socket, sys.toBytes(request));
  if (!sent.ok) return err('EOF');
  let text = '';
  while (text.length < maxBodyBytes) {
    const received = yield* sys.receive(socket, timeoutMs);
    if (!received.ok) {
      return err(
        received.error === 'ETIMEDOUT'
          ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
          : 'read: connection reset by peer',
      );
    }
    if (received.value === undefined) return text === '' ? err('EOF') : ok(text);
    text += sys.toText(received.value);
    if (text.includes('\r\n\r\n')) return ok(text);
  }
  return ok(text);
}

function dialError(probe: NetworkProbe, errno: string): string {
  const words: ReadonlyMap<string, string> = new Map([
    ['ECONNREFUSED', 'connect: connection refused'],
    ['EHOSTUNREACH', 'connect: no route to host'],
    ['ENETUNREACH', 'connect: network is unreachable'],
    ['ECONNRESET', 'connect: connection reset by peer'],
    ['ETIMEDOUT', 'i/o timeout'],
  ]);
  return `dial tcp ${probe.host}:${probe.port}: ${words.get(errno) ?? errno}`;
}

/** An HTTP client's time-out covers the dial as well, and it says so. */
function httpError(failure: string, errno: string): string {
  return errno === 'ETIMEDOUT'
    ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
    : failure;
}

function parseNetworkProbe(text: string): NetworkProbe | undefined {
  const value: JsonValue = JSON.parse(text);
  if (!isJsonObject(value)) return undefined;
  const { kind, host, port, timeoutMs, url, request, service } = value;
  if (typeof host !== 'string' || typeof port !== 'number' || typeof timeoutMs !== 'number') return undefined;
  if (kind === 'tcp') return { kind, host, port, timeoutMs };
  if (kind === 'grpc') return { kind, host, port, timeoutMs, service: String(service) };
  if (kind !== 'http' || typeof url !== 'string' || typeof request !== 'string') return undefined;
  return { kind, host, port, timeoutMs, url, request };
}
