/** Clients of redis: redis-cli, and what other programs ask with. */
import { err, ok, type Result } from '../../base/result.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { resolveName } from '../dns/resolver.ts';
import { errnoText } from '../errno-text.ts';

/** How long a server is waited for. */
const answerMs = 5000;

/** Sends one command over a connection of its own; the reply as it came, or why there is no connection. */
export function* askRedis(
  host: string,
  port: number,
  words: readonly string[],
): sys.Sys<Result<string, string>> {
  const resolved = yield* resolveName(host);
  const address = resolved.ok ? resolved.value.addresses[0] : undefined;
  if (address === undefined) return err('Name or service not known');
  const socket = yield* sys.connect(address, port, { timeoutMs: answerMs });
  if (!socket.ok) return err(errnoText(socket.error));
  const parts = words
    .map((word) => Buffer.from(word))
    .map((word) => `$${word.length}\r\n${word.toString('latin1')}\r\n`);
  yield* sys.send(socket.value, Buffer.from(`*${parts.length}\r\n${parts.join('')}`, 'latin1'));
  const reply = yield* sys.receive(socket.value, answerMs);
  yield* sys.close(socket.value);
  return ok(reply.ok && reply.value !== undefined ? Buffer.from(reply.value).toString('latin1') : '');
}

/** The strings of a reply that is one, or an array of them; those that are not there are left out. */
export function bulkStringsOf(reply: string): readonly string[] {
  const strings: string[] = [];
  const head = /\$(\d{1,9})\r\n/y;
  head.lastIndex = reply.startsWith('*') ? reply.indexOf('\n') + 1 : 0;
  for (let found = head.exec(reply); found !== null; found = head.exec(reply)) {
    const end = head.lastIndex + Number(found[1]);
    strings.push(reply.slice(head.lastIndex, end));
    head.lastIndex = end + 2;
  }
  return strings;
}

/** redis-cli: one command; without one it says whether it can connect. */
export const redisCli: Program = function* ({ argv }) {
  const values = new Map<string, string>();
  const words: string[] = [];
  for (let index = 1; index < argv.length; index += 1) {
    const word = argv[index] ?? '';
    if (words.length === 0 && ['-h', '-p', '-a', '-n', '-u'].includes(word)) {
      index += 1;
      values.set(word, argv[index] ?? '');
    } else if (words.length > 0 || !word.startsWith('-')) words.push(word);
  }
  const [host, port] = [values.get('-h') ?? '127.0.0.1', Number(values.get('-p') ?? 6379)];
  const reply = yield* askRedis(host, port, words.length === 0 ? ['PING'] : words);
  if (!reply.ok) {
    yield* sys.printError(`Could not connect to Redis at ${host}:${port}: ${reply.error}\n`);
    return 1;
  }
  const text = reply.value;
  yield* sys.write(1, Buffer.from(`${plainReply(text)}\n`, 'latin1'));
  return text.startsWith('-') ? 1 : 0;
};

/** As redis-cli prints replies where it does not write to a terminal. */
function plainReply(text: string): string {
  if (text.startsWith('*'))
    return text
      .replaceAll(/\$\d+\r\n/g, '')
      .replace(/^\*\d+\r\n/, '')
      .replaceAll('\r\n', '\n')
      .trimEnd();
  if (text.startsWith('$-1')) return '';
  return text.replace(/^(?:[+:-]|\$\d+\r\n)/, '').replace(/\r\n$/, '');
}
