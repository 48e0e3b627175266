/**
 * Asking a gRPC server how it is: grpc.health.v1.Health/Check. Source: pkg/probe/grpc/grpc.go of v1.36 and google.golang.org/grpc
 * (codes, health/v1).
 *
 * Differs: the call goes as a POST of HTTP/1.1, as all of gRPC here, and not as a stream of HTTP/2.
 */
import * as sys from '../../net/process/sys.ts';
import { formatDuration } from './back-off.ts';

/** Whom to ask. */
export interface GrpcProbe {
  readonly kind: 'grpc';
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  /** The service whose health is asked for, empty for the server's own. */
  readonly service: string;
}

interface Verdict {
  readonly success: boolean;
  readonly output: string;
}

/** Names of codes in their order. */
const codes = [
  'OK',
  'Canceled',
  'Unknown',
  'InvalidArgument',
  'DeadlineExceeded',
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'ResourceExhausted',
  'FailedPrecondition',
  'Aborted',
  'OutOfRange',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
  'Unauthenticated',
];
const states = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];

/** Asks once. A client tries to reach a server that speaks gRPC until its time is up, whatever else answers. */
export function* askGrpcHealth(probe: GrpcProbe): sys.Sys<Verdict> {
  const { host, port, timeoutMs } = probe;
  const begunMs = yield* sys.now();
  const answer = yield* call(probe);
  if (answer !== undefined) return verdictOf(answer);
  yield* sys.sleep(Math.max(0, begunMs + timeoutMs - (yield* sys.now())));
  const within = formatDuration(timeoutMs);
  const output = `timeout: failed to connect service "${host}:${port}" within ${within}: context deadline exceeded`;
  return { success: false, output };
}

interface GrpcAnswer {
  readonly code: number;
  readonly message: string;
  /** The body after the frame's five bytes. */
  readonly body: string;
}

/** The answer of a gRPC server; undefined when there is none at the other end. */
function* call({ host, port, timeoutMs, service }: GrpcProbe): sys.Sys<GrpcAnswer | undefined> {
  const connected = yield* sys.connect(host, port, { timeoutMs });
  if (!connected.ok) return undefined;
  const sent = yield* sys.send(connected.value, requestFor(`${host}:${port}`, service));
  let text = '';
  while (sent.ok && !isWhole(text)) {
    const received = yield* sys.receive(connected.value, timeoutMs);
    if (!received.ok || received.value === undefined) break;
    text += sys.toText(received.value);
  }
  yield* sys.close(connected.value);
  return parseAnswer(text);
}

function requestFor(authority: string, service: string): Uint8Array {
  const name = sys.toBytes(service);
  // Field 1 of the message, and before it that it is not compressed and how long it is.
  const message = name.length === 0 ? [] : [0x0a, name.length, ...name];
  const frame = [0, 0, 0, 0, message.length, ...message];
  const head = [
    'POST /grpc.health.v1.Health/Check HTTP/1.1',
    `Host: ${authority}`,
    'User-Agent: kube-probe/1.36 grpc-go',
    'Content-Type: application/grpc',
    'TE: trailers',
    `Content-Length: ${frame.length}`,
    'Connection: close',
  ];
  return new Uint8Array([...sys.toBytes(`${head.join('\r\n')}\r\n\r\n`), ...frame]);
}

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  return end >= 0 && text.length >= end + 4 + Number(headerOf(text.slice(0, end), 'content-length') ?? 0);
}

function headerOf(head: string, name: string): string | undefined {
  return new RegExp(`^${name}: *(.*?)\\r?$`, 'im').exec(head)?.[1];
}

function parseAnswer(text: string): GrpcAnswer | undefined {
  const end = text.indexOf('\r\n\r\n');
  const head = text.slice(0, Math.max(end, 0));
  if (!/^application\/grpc(?:$|[+;])/.test(headerOf(head, 'content-type') ?? '')) return undefined;
  return {
    code: Number(headerOf(head, 'grpc-status') ?? 2),
    message: decodeURIComponent(headerOf(head, 'grpc-message') ?? ''),
    body: text.slice(end + 4 + 5),
  };
}

function verdictOf({ code, message, body }: GrpcAnswer): Verdict {
  const fail = (output: string) => ({ success: false, output });
  const name = codes[code] ?? `Code(${code})`;
  if (name === 'Unimplemented') {
    return fail(
      `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${message}`,
    );
  }
  if (name !== 'OK')
    return fail(`error: health rpc probe failed: rpc error: code = ${name} desc = ${message}`);
  // The one field of the answer is a number; zero is left out.
  const state = states[body.charCodeAt(0) === 0x08 ? body.charCodeAt(1) : 0] ?? 'UNKNOWN';
  if (state !== 'SERVING') return fail(`service unhealthy (responded with ${JSON.stringify(state)})`);
  return { success: true, output: '' };
}
