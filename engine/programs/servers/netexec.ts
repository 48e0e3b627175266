/** What `agnhost netexec` answers over HTTP and UDP. */
import * as sys from '../../net/process/sys.ts';
import { resolveName } from '../dns/resolver.ts';
import { errnoText } from '../errno-text.ts';
import { ReceiveBuffer, readResponse } from '../http/exchange.ts';
import { formatHead, type HttpRequest, type HttpResponse, targetPath, targetQuery } from '../http/message.ts';
import { textResponse } from '../http/server.ts';
import type { Datagram } from './datagrams.ts';
import type { Connection } from './frame.ts';
import { type GoConfig, klog } from './go-server.ts';

/** How long netexec's own client waits. */
const dialTimeoutMs = 5000;

/** Answers one request. */
export function* answerNetexec(
  config: GoConfig,
  request: HttpRequest,
  { peer }: Connection,
): sys.Sys<HttpResponse> {
  const target = config.settings.override ?? request.target;
  const query = targetQuery(target);
  const form = (name: string) => query.get(name) ?? '';
  const path = targetPath(target);
  switch (path) {
    case '/clientip':
      yield* klog('GET /clientip');
      return textResponse(200, `${peer.address}:${peer.port}`);
    case '/hostname':
    case '/hostName':
      yield* klog(`GET ${path}`);
      return textResponse(200, config.hostname);
    case '/healthz':
      yield* klog('GET /healthz');
      return { status: 200, headers: [], body: new Uint8Array() };
    case '/header': {
      const key = form('key').toLowerCase();
      yield* klog(`GET /header?key=${form('key')}`);
      const found = request.headers.filter(([name]) => name.toLowerCase() === key).map(([, value]) => value);
      return textResponse(200, found.join(' '));
    }
    case '/echo': {
      yield* klog(`GET /echo?msg=${form('msg')}&code=${form('code')}`);
      const code = form('code') === '' ? 200 : Number(form('code'));
      if (!Number.isInteger(code)) {
        return textResponse(200, `argument 'code' must be an integer or empty, got "${form('code')}"\n`);
      }
      return textResponse(code, form('msg'));
    }
    case '/redirect': {
      const code = form('code') === '' ? 302 : Number(form('code'));
      yield* klog(`GET /redirect?location=${form('location')}&code=${form('code')}`);
      const body = `<a href="${form('location')}">Found</a>.\n\n`;
      return textResponse(code, body, [
        ['Location', form('location')],
        ['Content-Type', 'text/html; charset=utf-8'],
      ]);
    }
    case '/shell':
      return yield* runShell(form('shellCommand') || form('cmd'));
    case '/dial':
      return yield* dial(query);
    case '/exit': {
      yield* klog(`GET /exit?code=${form('code')}&timeout=${form('timeout')}&wait=${form('wait')}`);
      return yield* sys.exit(Number(form('code')) || 0);
    }
    case '/shutdown':
      yield* klog('GET /shutdown');
      return yield* sys.exit(0);
    default:
      yield* klog('GET /');
      return textResponse(200, `NOW: ${goTimestamp(yield* sys.now())}`);
  }
}

/** Answers a datagram: `hostname`, `echo MESSAGE`, `clientip`. */
export function* answerNetexecDatagram({ bytes, peer }: Datagram): sys.Sys<Uint8Array | undefined> {
  const text = sys.toText(bytes).trim();
  const command = text.split(' ', 1)[0]?.toLowerCase() ?? '';
  yield* klog(`Received udp command ${JSON.stringify(text)} from ${peer.address}:${peer.port}`);
  switch (command) {
    case 'hostname':
      return sys.toBytes(yield* sys.hostname());
    case 'echo':
      return sys.toBytes(text.slice(5));
    case 'clientip':
      return sys.toBytes(`${peer.address}:${peer.port}`);
    default:
      return undefined;
  }
}

function* runShell(command: string): sys.Sys<HttpResponse> {
  yield* klog(`GET /shell?cmd=${command}`);
  const child = yield* sys.spawn(['/bin/sh', '-c', command], {
    stdin: 'empty',
    stdout: 'collect',
    stderr: 'stdout',
  });
  const output: Record<string, string> = {};
  if (child.ok) {
    const result = yield* sys.wait(child.value);
    if (result.ok) {
      const text = sys.toText(result.value.stdout);
      if (text !== '') output.output = text;
      if (result.value.exitCode !== 0) output.error = `exit status ${result.value.exitCode}`;
    }
  } else {
    output.error = `fork/exec /bin/sh: ${errnoText(child.error).toLowerCase()}`;
  }
  return textResponse(200, JSON.stringify(output));
}

function* dial(query: URLSearchParams): sys.Sys<HttpResponse> {
  const value = (name: string) => query.get(name) ?? '';
  const [host, port, request, protocol] = [value('host'), value('port'), value('request'), value('protocol')];
  yield* klog(
    `GET /dial?host=${host}&protocol=${protocol}&port=${port}&request=${request}&tries=${value('tries')}`,
  );
  const tries = value('tries') === '' ? 1 : Number(value('tries'));
  if (!Number.isInteger(tries))
    return textResponse(
      400,
      `tries parameter is invalid. strconv.Atoi: parsing "${value('tries')}": invalid syntax\n`,
    );
  if (request === '') return textResponse(400, 'request parameter not specified. <nil>\n');
  if (!['', 'http', 'udp'].includes(protocol.toLowerCase()))
    return textResponse(400, `unsupported protocol. ${protocol}\n`);
  const resolved = yield* resolveName(host);
  const address = resolved.ok ? resolved.value.addresses[0] : undefined;
  if (address === undefined)
    return textResponse(400, `host and/or port param are invalid. lookup ${host}: no such host\n`);
  const responses: string[] = [];
  const errors: string[] = [];
  for (let attempt = 0; attempt < Math.min(tries, 100); attempt += 1) {
    const result =
      protocol.toLowerCase() === 'udp'
        ? yield* dialUdp(address, Number(port), request)
        : yield* dialHttp(address, Number(port), request);
    if (result.ok) responses.push(result.text);
    else errors.push(result.text);
  }
  return textResponse(
    200,
    JSON.stringify({
      ...(errors.length > 0 ? { errors } : {}),
      ...(responses.length > 0 ? { responses } : {}),
    }),
  );
}

interface Dialled {
  readonly ok: boolean;
  readonly text: string;
}

function* dialHttp(address: string, port: number, request: string): sys.Sys<Dialled> {
  const url = `http://${address}:${port}/${request}`;
  const startedMs = yield* sys.now();
  const socket = yield* sys.connect(address, port, { timeoutMs: dialTimeoutMs });
  if (!socket.ok) {
    const why =
      socket.error === 'ETIMEDOUT'
        ? `context deadline exceeded (Client.Timeout exceeded while awaiting headers)`
        : `dial tcp ${address}:${port}: connect: ${errnoText(socket.error).toLowerCase()}`;
    return { ok: false, text: `Get "${url}": ${why}` };
  }
  const head = formatHead(`GET /${request} HTTP/1.1`, [
    ['Host', `${address}:${port}`],
    ['User-Agent', 'Go-http-client/1.1'],
    ['Accept-Encoding', 'gzip'],
  ]);
  yield* sys.send(socket.value, sys.toBytes(head));
  const buffer = new ReceiveBuffer(socket.value);
  buffer.deadlineMs = startedMs + dialTimeoutMs;
  const response = yield* readResponse(buffer, 'GET');
  yield* sys.close(socket.value);
  if (response.ok) return { ok: true, text: sys.toText(response.value.body) };
  return { ok: false, text: `Get "${url}": EOF` };
}

function* dialUdp(address: string, port: number, request: string): sys.Sys<Dialled> {
  const socket = yield* sys.listen('udp', '0.0.0.0', 0);
  if (!socket.ok) return { ok: false, text: `udp dial failed. err:${errnoText(socket.error).toLowerCase()}` };
  yield* sys.sendTo(socket.value, address, port, sys.toBytes(request));
  const reply = yield* sys.receiveFrom(socket.value, dialTimeoutMs);
  yield* sys.close(socket.value);
  if (reply.ok) return { ok: true, text: sys.toText(reply.value.bytes) };
  const why = reply.error === 'ETIMEDOUT' ? 'i/o timeout' : `read: ${errnoText(reply.error).toLowerCase()}`;
  return {
    ok: false,
    text: `reading from udp connection failed. err:'read udp ->${address}:${port}: ${why}'`,
  };
}

/** A moment as Go prints a time.Time. */
function goTimestamp(ms: number): string {
  const iso = new Date(ms).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)} +0000 UTC m=+0.000000001`;
}
