/**
 * What redis says and keeps: strings, in files of its folder, so that they last as long as the volume under it.
 * Source: redis 7.0.15 (its log and its answers), redis.io for the commands and replication. Left out: expiry, other types than
 * strings, persistence by settings, failover.
 * Differs: a replica is not told of each change, but asks its master when it is asked itself; what it got last it keeps.
 */
import * as sys from '../../net/process/sys.ts';
import type { Connection } from './frame.ts';
import { askRedis, bulkStringsOf } from './redis-client.ts';

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
  const time = redisTime(nowMs);
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

/** `28 May 2024 13:22:30.000`. */
export function redisTime(nowMs: number): string {
  const iso = new Date(nowMs).toISOString();
  const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
  return `${iso.slice(8, 10)} ${months[Number(iso.slice(5, 7)) - 1]} ${iso.slice(0, 4)} ${iso.slice(11, 23)}`;
}

const folder = '/data/.strings';

/** Whose copy a replica is. */
export interface RedisMaster {
  readonly host: string;
  readonly port: number;
}

/** The master that command-line options name. Source: redis.conf (replicaof, which was slaveof). */
export function masterOf(argv: readonly string[]): RedisMaster | undefined {
  const at = argv.findIndex((word) => word === '--replicaof' || word === '--slaveof');
  const host = argv[at + 1] ?? '';
  return at < 0 || host === '' ? undefined : { host, port: Number(argv[at + 2] ?? 6379) };
}

/** Copies what a master keeps; false when it can't be reached. */
export function* copyFrom({ host, port }: RedisMaster): sys.Sys<boolean> {
  const listed = yield* askRedis(host, port, ['KEYS', '*']);
  if (!listed.ok) return false;
  const names = bulkStringsOf(listed.value);
  for (const name of yield* keys()) if (!names.includes(name)) yield* sys.removeFile(pathOf(name));
  for (const name of names) {
    const got = yield* askRedis(host, port, ['GET', name]);
    const [value] = got.ok ? bulkStringsOf(got.value) : [];
    if (value !== undefined) yield* write(name, value);
  }
  return true;
}

const writing: ReadonlySet<string> = new Set(['SET', 'INCR', 'DEL']);
const reading: ReadonlySet<string> = new Set(['GET', 'EXISTS', 'KEYS', 'DBSIZE']);

/** Answers one client until it is gone. */
export function* serveRedis({ socket }: Connection, master: RedisMaster | undefined): sys.Sys<void> {
  let rest = '';
  for (;;) {
    const received = yield* sys.receive(socket);
    if (!received.ok || received.value === undefined) return;
    rest += Buffer.from(received.value).toString('latin1');
    for (let next = takeCommand(rest); next !== undefined; next = takeCommand(rest)) {
      rest = next.rest;
      if (next.words.length === 0) continue;
      const reply = yield* answerAs(master, next.words);
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

/** A replica takes no changes from clients. */
function* answerAs(master: RedisMaster | undefined, words: readonly string[]): sys.Sys<string> {
  const name = words[0]?.toUpperCase() ?? '';
  if (master !== undefined && writing.has(name))
    return "-READONLY You can't write against a read only replica.\r\n";
  if (master !== undefined && reading.has(name)) yield* copyFrom(master);
  return yield* answer(words);
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
