/** A server of raw answers by path, for clients to be held against: `/echo` answers with the request as it came. */
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';

interface Canned {
  readonly text: string;
  readonly closes?: boolean;
  readonly delayMs?: number;
}

/** `200 OK` with header lines and a body. */
function answer(status: string, body: string, lines: readonly string[] = []): Canned {
  const head = [`HTTP/1.1 ${status}`, ...lines, `Content-Length: ${body.length}`];
  return { text: `${head.join('\r\n')}\r\n\r\n${body}` };
}

const leadTo = (status: string, location: string, body = '', lines: readonly string[] = []) =>
  answer(status, body, [...lines, `Location: ${location}`]);

const answers: ReadonlyMap<string, Canned> = new Map([
  ['/', answer('200 OK', 'hello\n', ['Content-Type: text/plain'])],
  ['/404', answer('404 Not Found', 'no such page\n')],
  ['/500', answer('500 Internal Server Error', 'broken\n')],
  ['/503', answer('503 Service Unavailable', 'later\n')],
  ['/401', answer('401 Unauthorized', 'who?\n', ['WWW-Authenticate: Basic realm="x"'])],
  ['/r', leadTo('302 Found', '/echo', 'moved\n')],
  ['/r301', leadTo('301 Moved Permanently', '/echo?x=1')],
  ['/r303', leadTo('303 See Other', '/echo')],
  ['/r307', leadTo('307 Temporary Redirect', '/echo')],
  ['/r308', leadTo('308 Permanent Redirect', 'http://web/echo')],
  ['/rel', leadTo('302 Found', 'echo')],
  ['/other', leadTo('302 Found', 'http://web2/echo')],
  ['/loop', leadTo('302 Found', '/loop')],
  ['/two', leadTo('302 Found', '/r', 'a')],
  ['/cr', leadTo('302 Found', '/echo', '', ['Set-Cookie: r=5; Path=/'])],
  ['/204', { text: 'HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n' }],
  ['/empty', answer('200 OK', '')],
  [
    '/chunked',
    {
      text: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n',
    },
  ],
  ['/close', { text: 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end', closes: true }],
  ['/garbage', { text: 'garbage\r\n\r\n', closes: true }],
  ['/http10', { text: 'HTTP/1.0 200 OK\r\nX-Old: yes\r\n\r\nold\n', closes: true }],
  ['/nothing', { text: '', closes: true }],
  [
    '/cookie',
    answer('200 OK', 'c\n', [
      'Set-Cookie: a=1; Path=/',
      'Set-Cookie: b=2; Path=/echo; HttpOnly',
      'Set-Cookie: s=3; Secure',
      'Set-Cookie: d=4',
    ]),
  ],
  ['/clear', answer('200 OK', 'c\n', ['Set-Cookie: a=; Path=/; Max-Age=0'])],
  [
    '/hdr',
    answer('200 OK', 'h\n', ['X-A: one', 'X-A: two', 'Content-Type: application/json; charset=utf-8']),
  ],
  ['/slow', { ...answer('200 OK', 'slow\n'), delayMs: 2500 }],
]);

/** Listens at port 80 of an address, one connection at a time. */
export function cannedServer(address: string): Program {
  return function* () {
    const socket = yield* sys.listen('tcp', address, 80);
    for (;;) {
      const accepted = socket.ok ? yield* sys.accept(socket.value) : undefined;
      if (accepted?.ok !== true) return 1;
      yield* serve(accepted.value.socket);
    }
  };
}

function* serve(socket: number): sys.Sys<void> {
  let waiting = '';
  for (;;) {
    const headEnd = waiting.indexOf('\r\n\r\n') + 4;
    const length = Number(/content-length: *(\d+)/i.exec(waiting.slice(0, headEnd))?.[1] ?? 0);
    if (headEnd < 4 || waiting.length < headEnd + length) {
      const received = yield* sys.receive(socket);
      if (!received.ok || received.value === undefined || received.value.length === 0) break;
      waiting += Buffer.from(received.value).toString('latin1');
      continue;
    }
    const request = waiting.slice(0, headEnd + length);
    waiting = waiting.slice(request.length);
    const { text, closes, delayMs } = answerTo(request);
    if (delayMs !== undefined) yield* sys.sleep(delayMs);
    yield* sys.send(socket, new Uint8Array(Buffer.from(text, 'latin1')));
    if (closes === true) break;
  }
  yield* sys.close(socket);
}

function answerTo(request: string): Canned {
  const [method = '', target = ''] = request.split(' ', 2);
  const path = target.split('?', 1)[0] ?? '';
  const found =
    path === '/echo'
      ? answer('200 OK', request, ['Content-Type: text/plain'])
      : (answers.get(path) ?? answer('200 OK', `path ${target}\n`));
  return method === 'HEAD' ? { ...found, text: `${found.text.split('\r\n\r\n', 1)[0]}\r\n\r\n` } : found;
}
