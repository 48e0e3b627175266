/**
 * What redis says and keeps: strings, in files of its folder, so that they last as long as the volume under it.
 * Source: redis 7.0.15 (its log and its answers), redis.io for the commands. Left out: expiry, other types than strings,
 * replication, persistence by settings.
 */
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { resolveName } from '../dns/resolver.ts';
import { errnoText } from '../errno-text.ts';
import type { Connection } from './frame.ts';

/** The log of a start. Since 7.2 the first lines are notices, and the last one names the protocol. */
export function redisLog({
  version,
  port,
  nowMs,
}: {
  readonly version: string;
  readonly port: number;
  readonly nowMs: number;
}): string {
  const [major = 7, minor = 0] = version.split('.').map(Number);
  const isNew = major > 7 || (major === 7 && minor >= 2);
  const iso = new Date(nowMs).toISOString();
  const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
  const time = `${iso.slice(8, 10)} ${months[Number(iso.slice(5, 7)) - 1]} ${iso.slice(0, 4)} ${iso.slice(11, 23)}`;
  const first = isNew ? '*' : '#';
  const lines = [
    `C ${time} ${first} oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo`,
    `C ${time} ${first} Redis version=${version}, bits=64, commit=00000000, modified=0, pid=1, just started`,
    `C ${time} # Warning: no config file specified, using the default config. In order to specify a config file use redis-server /path/to/redis.conf`,
    ...(major >= 7 ? [`M ${time} * monotonic clock: POSIX clock_gettime`] : []),
    `M ${time} * Running mode=standalone, port=${port}.`,
    `M ${time} ${isNew ? '*' : '#'} Server initialized`,
    `M ${time} * Ready to accept connections${isNew ? ' tcp' : ''}`,
  ];
  return lines.map((line) => `1:${line}\n`).join('');
}

const folder = '/data/.strings';

/** Answers one client until it is gone. */
export function* serveRedis({ socket }: Connection): sys.Sys<void> {
  let rest = '';
  for (;;) {
    const received = yield* sys.receive(socket);
    if (!received.ok || received.value === undefined) return;
    rest += Buffer.from(received.value).toString('latin1');
    for (let next = takeCommand(rest); next !== undefined; next = takeCommand(rest)) {
      rest = next.rest;
      if (next.words.length === 0) continue;
      const reply = yield* answer(next.words);
      yield* sys.send(socket, Buffer.from(reply, 'latin1'));
      if (next.words[0]?.toUpperCase() === 'QUIT') return;
    }
  }
}

/** Words of an inline command, or of an array of bulk strings; undefined while it is not all there. */
function takeCommand(text: string): { readonly words: readonly string[]; readonly rest: string } | undefined {
  const end = text.indexOf('\n');
  if (end < 0) return undefined;
  const line = text.slice(0, end).replace(/\r$/, '');
  if (!line.startsWith('*')) return { words: line.split(/\s+/).filter(Boolean), rest: text.slice(end + 1) };
  const words: string[] = [];
  let at = end + 1;
  for (let left = Number(line.slice(1)); left > 0; left -= 1) {
    const [head, size] = /^\$(\d{1,7})\r\n/.exec(text.slice(at, at + 16)) ?? [];
    if (head === undefined || text.length < at + head.length + Number(size) + 2) return undefined;
    at += head.length;
    words.push(text.slice(at, at + Number(size)));
    at += Number(size) + 2;
  }
  return { words, rest: text.slice(at) };
}

function* answer([name = '', ...args]: readonly string[]): sys.Sys<string> {
  const [key = '', value = ''] = args;
  switch (name.toUpperCase()) {
    case 'PING':
      return args.length === 0 ? '+PONG\r\n' : bulk(key);
    case 'ECHO':
      return args.length === 1 ? bulk(key) : wrongCount(name);
    case 'QUIT':
      return '+OK\r\n';
    case 'SET':
      if (args.length < 2) return wrongCount(name);
      yield* write(key, value);
      return '+OK\r\n';
    case 'GET':
      return args.length === 1 ? bulk(yield* read(key)) : wrongCount(name);
    case 'INCR': {
      const before = (yield* read(key)) ?? '0';
      if (!/^-?\d{1,15}$/.test(before)) return '-ERR value is not an integer or out of range\r\n';
      yield* write(key, String(Number(before) + 1));
      return `:${Number(before) + 1}\r\n`;
    }
    case 'EXISTS':
    case 'DEL': {
      let count = 0;
      for (const each of args) {
        if ((yield* read(each)) === undefined) continue;
        count += 1;
        if (name.toUpperCase() === 'DEL') yield* sys.removeFile(pathOf(each));
      }
      return `:${count}\r\n`;
    }
    case 'DBSIZE':
      return `:${(yield* keys()).length}\r\n`;
    case 'KEYS': {
      const all = yield* keys();
      return `*${all.length}\r\n${all.map((each) => bulk(each)).join('')}`;
    }
    default:
      return `-ERR unknown command '${name}', with args beginning with: ${args.map((word) => `'${word}' `).join('')}\r\n`;
  }
}

function wrongCount(name: string): string {
  return `-ERR wrong number of arguments for '${name.toLowerCase()}' command\r\n`;
}

function bulk(text: string | undefined): string {
  return text === undefined ? '$-1\r\n' : `$${text.length}\r\n${text}\r\n`;
}

function pathOf(key: string): string {
  return `${folder}/${Buffer.from(key, 'latin1').toString('hex') || '-'}`;
}

function* keys(): sys.Sys<readonly string[]> {
  const names = yield* sys.readDirectory(folder);
  return names.ok ? names.value.map((name) => Buffer.from(name, 'hex').toString('latin1')) : [];
}

function* read(key: string): sys.Sys<string | undefined> {
  const content = yield* sys.readFile(pathOf(key));
  return content.ok ? Buffer.from(content.value).toString('latin1') : undefined;
}

function* write(key: string, value: string): sys.Sys<void> {
  yield* sys.makeDirectory(folder, true);
  yield* sys.writeFile(pathOf(key), Buffer.from(value, 'latin1'));
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
  const resolved = yield* resolveName(host);
  const address = resolved.ok ? resolved.value.addresses[0] : undefined;
  const socket = address === undefined ? undefined : yield* sys.connect(address, port);
  if (socket?.ok !== true) {
    const why = socket === undefined ? 'Name or service not known' : errnoText(socket.error);
    yield* sys.printError(`Could not connect to Redis at ${host}:${port}: ${why}\n`);
    return 1;
  }
  const asked = words.length === 0 ? ['PING'] : words;
  const parts = asked
    .map((word) => Buffer.from(word))
    .map((word) => `$${word.length}\r\n${word.toString('latin1')}\r\n`);
  yield* sys.send(socket.value, Buffer.from(`*${parts.length}\r\n${parts.join('')}`, 'latin1'));
  const reply = yield* sys.receive(socket.value, 5000);
  yield* sys.close(socket.value);
  const text = reply.ok && reply.value !== undefined ? Buffer.from(reply.value).toString('latin1') : '';
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
