/**
 * The clients in images of databases that probes run: pg_isready, mysqladmin ping, mysql -e. None of them logs in.
 * Source: PostgreSQL 15 and MariaDB 10.11 of Debian 12; the words of MySQL's own clients, as its reference manual has them.
 */
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { parseArguments } from '../arguments.ts';
import { resolveName } from '../dns/resolver.ts';
import { errnoNumber } from '../errno-text.ts';

/** Whether a server that speaks first, or when it is spoken to, is there; else the number of the error. */
function* isThere(host: string, port: number, hello?: Uint8Array): sys.Sys<true | number> {
  const resolved = yield* resolveName(host);
  const address = resolved.ok ? resolved.value.addresses[0] : undefined;
  if (address === undefined) return -2;
  const socket = yield* sys.connect(address, port, { timeoutMs: 3000 });
  if (!socket.ok) return errnoNumber(socket.error);
  if (hello !== undefined) yield* sys.send(socket.value, hello);
  const greeting = yield* sys.receive(socket.value, 3000);
  yield* sys.close(socket.value);
  return greeting.ok && greeting.value !== undefined ? true : errnoNumber('ECONNRESET');
}

/** pg_isready: 0 when the server accepts connections, 2 when it does not answer. */
export const pgIsReady: Program = function* ({ argv, env }) {
  const parsed = parseArguments(argv.slice(1), {
    flags: { q: 'quiet', quiet: 'quiet' },
    values: {
      h: 'host',
      host: 'host',
      p: 'port',
      port: 'port',
      U: 'user',
      username: 'user',
      d: 'database',
      dbname: 'database',
      t: 'timeout',
      timeout: 'timeout',
    },
  });
  if (!parsed.ok) {
    yield* sys.printError(
      `pg_isready: invalid option -- '${parsed.error.option.replace(/^-+/, '')}'\npg_isready: hint: Try "pg_isready --help" for more information.\n`,
    );
    return 3;
  }
  const host = parsed.value.value('host') ?? env.get('PGHOST');
  const port = Number(parsed.value.value('port') ?? env.get('PGPORT') ?? 5432);
  // SSLRequest, which every server answers. Source: PostgreSQL, "Message Formats".
  const found = yield* isThere(host ?? '127.0.0.1', port, Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 47));
  const answer = found === true ? 'accepting connections' : 'no response';
  const place = host === undefined ? '/var/run/postgresql' : host;
  if (!parsed.value.flags.has('quiet')) yield* sys.print(`${place}:${port} - ${answer}\n`);
  return found === true ? 0 : 2;
};

const mysqlOptions = {
  flags: { s: 'silent', silent: 'silent', N: 'no-names' },
  values: {
    h: 'host',
    host: 'host',
    P: 'port',
    port: 'port',
    u: 'user',
    user: 'user',
    e: 'execute',
    execute: 'execute',
    password: 'password',
    protocol: 'protocol',
  },
} as const;

/** `-p` has its value attached, or none. */
function withoutPassword(words: readonly string[]): readonly string[] {
  return words.filter((word) => !/^(?:-p.*|--password(?:=.*)?)$/.test(word));
}

/** mysqladmin ping: that a server is there is enough, whether it lets one in or not. */
export const mysqladmin: Program = function* ({ argv }) {
  const parsed = parseArguments(withoutPassword(argv.slice(1)), mysqlOptions);
  const [command] = parsed.ok ? parsed.value.operands : [];
  if (!parsed.ok || command !== 'ping') {
    yield* sys.printError('mysqladmin: only "ping" is simulated\n');
    return 1;
  }
  const host = parsed.value.value('host') ?? 'localhost';
  const port = Number(parsed.value.value('port') ?? 3306);
  const found = yield* isThere(host, port);
  if (found === true) {
    if (!parsed.value.flags.has('silent')) yield* sys.print('mysqld is alive\n');
    return 0;
  }
  yield* sys.printError(
    `mysqladmin: connect to server at '${host}' failed\nerror: '${cannotConnect(host, port, found)}'\nCheck that mysqld is running on ${host} and that the port is ${port}.\nYou can check this by doing 'telnet ${host} ${port}'\n`,
  );
  return 1;
};

/** Unknown host, or what connect(2) said. */
function cannotConnect(host: string, port: number, errno: number): string {
  return errno === -2
    ? `Unknown MySQL server host '${host}' (-2)`
    : `Can't connect to MySQL server on '${host}:${port}' (${errno})`;
}

/** mysql: tells whether a server is there; of statements only `SELECT 1` has a result, as nothing is kept. */
export const mysql: Program = function* ({ argv }) {
  const parsed = parseArguments(withoutPassword(argv.slice(1)), mysqlOptions);
  if (!parsed.ok) {
    yield* sys.printError(`mysql: [ERROR] unknown option '${parsed.error.option}'.\n`);
    return 7;
  }
  const host = parsed.value.value('host') ?? 'localhost';
  const port = Number(parsed.value.value('port') ?? 3306);
  const found = yield* isThere(host, port);
  if (found !== true) {
    const code = found === -2 ? 2005 : 2003;
    yield* sys.printError(`ERROR ${code} (HY000): ${cannotConnect(host, port, found)}\n`);
    return 1;
  }
  const statement = parsed.value.value('execute') ?? '';
  if (/^\s*select\s+1\s*;?\s*$/i.test(statement)) {
    yield* sys.print(parsed.value.flags.has('no-names') ? '1\n' : '1\n1\n');
    return 0;
  }
  yield* sys.printError('mysql: databases keep nothing here; only "SELECT 1" has a result\n');
  return 1;
};

/** psql: tells whether a server is there, and says that it keeps nothing. */
export const psql: Program = function* ({ argv, env }) {
  const value = (flag: string) => {
    const at = argv.indexOf(flag);
    return at < 0 ? undefined : argv[at + 1];
  };
  const host = value('-h') ?? env.get('PGHOST') ?? 'localhost';
  const port = Number(value('-p') ?? env.get('PGPORT') ?? 5432);
  const found = yield* isThere(host, port, Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 47));
  if (found === true) {
    yield* sys.printError('psql: databases keep nothing here, and no statement is carried out\n');
    return 2;
  }
  yield* sys.printError(
    found === -2
      ? `psql: error: could not translate host name "${host}" to address: Name or service not known\n`
      : `psql: error: connection to server at "${host}", port ${port} failed: ${found === errnoNumber('ECONNREFUSED') ? 'Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?' : 'Connection timed out\n\tIs the server running on that host and accepting TCP/IP connections?'}\n`,
  );
  return 2;
};
