/**
 * kube-proxy as a process of its node: it holds the ports of the health servers and answers with what the part that
 * writes the rules says. One process serves one healthCheckNodePort, given by an environment variable; without it, the
 * ports of kube-proxy itself.
 * Differs: the real one is one process for all ports.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { healthzPort, statusPort } from './health.ts';

/** The host service that answers requests: `{ port, path }` to a HealthAnswer. */
export const healthHostService = 'kube-proxy/health';
/** The environment variable with the port of one Service's health check. */
export const healthPortVariable = 'HEALTH_CHECK_NODE_PORT';

/** A request's head may be this long. Source: Go's http.DefaultMaxHeaderBytes is 1 MB; ours bounds the work. */
const maxHeadBytes = 16_384;
/** A connection may idle so long. */
const idleMs = 60_000;

/** The program `kube-proxy`. */
export const kubeProxyProgram: Program = function* ({ env, resume }) {
  if (isJsonObject(resume) && resume.at === 'connection') {
    yield* serveConnection(Number(resume.socket), Number(resume.port));
    yield* sys.close(Number(resume.socket));
    return 0;
  }
  const listeners = isJsonObject(resume)
    ? listenersOf(resume)
    : yield* openListeners(env.get(healthPortVariable));
  if (listeners.length === 0) return 1;
  for (;;) {
    yield* sys.checkpoint({ at: 'listening', listeners: listeners.map((listener) => ({ ...listener })) });
    for (const ready of yield* sys.poll(listeners.map(({ socket }) => socket))) {
      const accepted = yield* sys.accept(ready, 0);
      const port = listeners.find(({ socket }) => socket === ready)?.port ?? healthzPort;
      if (accepted.ok) yield* sys.thread({ at: 'connection', socket: accepted.value.socket, port });
    }
  }
};

interface Listener {
  readonly socket: number;
  readonly port: number;
}

function listenersOf({ listeners }: JsonObject): readonly Listener[] {
  if (!Array.isArray(listeners)) return [];
  return listeners
    .filter(isJsonObject)
    .map(({ socket, port }) => ({ socket: Number(socket), port: Number(port) }));
}

function* openListeners(healthPort: string | undefined): sys.Sys<readonly Listener[]> {
  const wanted =
    healthPort === undefined
      ? [
          { address: '127.0.0.1', port: statusPort },
          { address: '0.0.0.0', port: healthzPort },
        ]
      : [{ address: '0.0.0.0', port: Number(healthPort) }];
  const listeners: Listener[] = [];
  for (const { address, port } of wanted) {
    const socket = yield* sys.listen('tcp', address, port);
    if (socket.ok) listeners.push({ socket: socket.value, port });
  }
  return listeners;
}

/** Answers the requests of a connection one after the other, until the client has had enough. */
function* serveConnection(socket: number, port: number): sys.Sys<void> {
  let text = '';
  for (;;) {
    const end = text.indexOf('\r\n\r\n');
    if (end < 0) {
      if (text.length > maxHeadBytes) return;
      const received = yield* sys.receive(socket, idleMs);
      if (!received.ok || received.value === undefined) return;
      text += sys.toText(received.value);
      continue;
    }
    const head = text.slice(0, end);
    text = text.slice(end + 4);
    const [method = '', target = '/', version = ''] = (head.split('\r\n', 1)[0] ?? '').split(' ');
    const path = target.split('?', 1)[0] ?? '/';
    const answer = yield* sys.host(healthHostService, { port, path });
    const isOld = version !== 'HTTP/1.1';
    const wish = /^connection: *(close|keep-alive) *$/im.exec(head)?.[1]?.toLowerCase();
    const isLast = isOld ? wish !== 'keep-alive' : wish === 'close';
    const date = new Date(yield* sys.now()).toUTCString();
    const own = isOld ? wish === 'keep-alive' : isLast;
    const frame: ResponseFrame = {
      method,
      date,
      version: isOld ? 'HTTP/1.0' : 'HTTP/1.1',
      connection: own ? wish : undefined,
    };
    const bytes = sys.toBytes(formatResponse(answer.ok ? answer.value : null, frame));
    const sent = yield* sys.send(socket, bytes);
    if (!sent.ok || isLast) return;
  }
}

const reasons: ReadonlyMap<number, string> = new Map([
  [200, 'OK'],
  [404, 'Not Found'],
  [503, 'Service Unavailable'],
]);

/** What of a response follows from the request. */
interface ResponseFrame {
  readonly method: string;
  readonly date: string;
  readonly version: 'HTTP/1.0' | 'HTTP/1.1';
  /** Told where it is not what the version has anyway. Source: net/http of Go. */
  readonly connection: string | undefined;
}

function formatResponse(answer: JsonValue, { method, date, version, connection }: ResponseFrame): string {
  const known = isJsonObject(answer) ? answer : {};
  const status = Number(known.status ?? 503);
  const body = String(known.body ?? '');
  const fields = Array.isArray(known.headers)
    ? known.headers.flatMap((field) => (Array.isArray(field) ? [field.map(String).join(': ')] : []))
    : [];
  const head = [
    `${version} ${status} ${reasons.get(status) ?? ''}`,
    ...fields,
    `Date: ${date}`,
    `Content-Length: ${sys.toBytes(body).length}`,
    ...(connection === undefined ? [] : [`Connection: ${connection}`]),
  ];
  return `${head.join('\r\n')}\r\n\r\n${method === 'HEAD' ? '' : body}`;
}
