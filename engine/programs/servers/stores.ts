/**
 * Databases as listeners: they check what their image needs, start up with the log lines of the real ones, and greet whoever
 * connects. What they keep is in redis.ts; the others keep nothing.
 * Source: what redis 7.0, PostgreSQL 15, MariaDB 10.11 and memcached 1.6 of Debian 12 printed and sent; the entry points of their
 * images; the documentation of the protocols, as noted.
 */
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { errnoText } from '../errno-text.ts';
import { type Connection, runServer } from './frame.ts';
import { copyFrom, masterOf, redisLog, redisTime, serveRedis } from './redis.ts';

interface Store {
  readonly port: number;
  readonly portFlags: readonly string[];
  /** What is written at the start, on standard error; `exitCode` when it can't start with this environment. */
  startUp(begin: Begin): { readonly text: string; readonly exitCode?: number };
  serve(connection: Connection, argv: readonly string[]): sys.Sys<void>;
  /** What is done once it listens. */
  begin?(argv: readonly string[]): sys.Sys<void>;
}

type StoreConfig = { readonly argv: readonly string[] };

interface Begin {
  readonly env: ReadonlyMap<string, string>;
  readonly port: number;
  readonly nowMs: number;
}

function createStore(store: Store): Program {
  return (start) =>
    runServer<StoreConfig>(start, {
      isConfig: (value: JsonValue): value is StoreConfig => isJsonObject(value) && Array.isArray(value.argv),
      serve: ({ argv }, connection) => store.serve(connection, argv),
      *setUp({ env, argv }) {
        const flag = argv.findIndex((argument) => store.portFlags.includes(argument));
        const inline = argv.find((argument) => /^--port=\d+$/.test(argument))?.slice('--port='.length);
        const port = Number(inline ?? (flag > 0 ? argv[flag + 1] : store.port));
        const { text, exitCode } = store.startUp({ env, port, nowMs: yield* sys.now() });
        yield* sys.printError(text);
        if (exitCode !== undefined) return exitCode;
        const socket = yield* sys.listen('tcp', '0.0.0.0', port);
        if (!socket.ok) {
          yield* sys.printError(`could not bind to port ${port}: ${errnoText(socket.error)}\n`);
          return 1;
        }
        for (const signal of ['SIGTERM', 'SIGINT'] as const) yield* sys.setSignal(signal, { exitCode: 0 });
        if (store.begin !== undefined) yield* store.begin(argv);
        return { listeners: [socket.value], config: { argv: [...argv] } };
      },
    });
}

/** `2024-05-28 13:22:30.000`. */
function timeOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 23).replace('T', ' ');
}

/** redis-server. */
export const redisServer = createStore({
  port: 6379,
  portFlags: ['--port'],
  startUp: ({ env, port, nowMs }) => ({
    text: redisLog({ version: env.get('REDIS_VERSION') ?? '7.4.1', port, nowMs }),
  }),
  serve: (connection, argv) => serveRedis(connection, masterOf(argv)),
  *begin(argv) {
    const master = masterOf(argv);
    if (master === undefined) return;
    const isCopied = yield* copyFrom(master);
    const lines = [
      `Connecting to MASTER ${master.host}:${master.port}`,
      'MASTER <-> REPLICA sync started',
      ...(isCopied ? ['MASTER <-> REPLICA sync: Finished with success'] : []),
    ];
    const time = redisTime(yield* sys.now());
    yield* sys.printError(lines.map((line) => `1:S ${time} * ${line}\n`).join(''));
  },
});

/** mysqld of MySQL's image. */
export const mysqld = createStore({
  port: 3306,
  portFlags: ['--port', '-P'],
  startUp: ({ env, port, nowMs }) =>
    startMysql({ env, port, nowMs }, 'MYSQL', (version, iso) => [
      `${iso.slice(0, 19).replace('T', ' ')}+00:00 [Note] [Entrypoint]: MySQL init process done. Ready for start up.`,
      `${iso.slice(0, 23)}000Z 0 [System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections. Version: '${version}'  socket: '/var/run/mysqld/mysqld.sock'  port: ${port}  MySQL Community Server - GPL.`,
    ]),
  serve: (connection) => serveMysql(connection, '8.4.3', 'caching_sha2_password'),
});

/** mariadbd of MariaDB's image. */
export const mariadbd = createStore({
  port: 3306,
  portFlags: ['--port', '-P'],
  startUp: ({ env, port, nowMs }) =>
    startMysql({ env, port, nowMs }, 'MARIADB', (version, iso) => {
      const time = iso.slice(0, 19).replace('T', ' ');
      return [
        `${time}+00:00 [Note] [Entrypoint]: MariaDB init process done. Ready for start up.`,
        `${time} 0 [Note] Server socket created on IP: '0.0.0.0', port: '${port}'.`,
        `${time} 0 [Note] mariadbd: ready for connections.`,
        `Version: '${version}-MariaDB'  socket: '/run/mysqld/mysqld.sock'  port: ${port}  mariadb.org binary distribution`,
      ];
    }),
  serve: (connection) => serveMysql(connection, '5.5.5-11.4.3-MariaDB', 'mysql_native_password'),
});

/** Source: docker_verify_minimum_env in the images' entry points. */
function startMysql(
  { env, nowMs }: Begin,
  prefix: 'MYSQL' | 'MARIADB',
  lines: (version: string, iso: string) => readonly string[],
): { readonly text: string; readonly exitCode?: number } {
  const names = ['ROOT_PASSWORD', 'ALLOW_EMPTY_PASSWORD', 'RANDOM_ROOT_PASSWORD'];
  const prefixes = prefix === 'MYSQL' ? [prefix] : [prefix, 'MYSQL'];
  const isSet = names.some((name) => prefixes.some((each) => (env.get(`${each}_${name}`) ?? '') !== ''));
  const iso = new Date(nowMs).toISOString();
  if (isSet) return { text: `${lines(env.get(`${prefix}_VERSION`) ?? '', iso).join('\n')}\n` };
  const shown = prefix === 'MYSQL' ? names : ['ROOT_PASSWORD', 'ROOT_PASSWORD_HASH', ...names.slice(1)];
  const told = shown.map((name) => `    - ${prefix}_${name}\n`).join('');
  return {
    exitCode: 1,
    text: `${iso.slice(0, 19).replace('T', ' ')}+00:00 [ERROR] [Entrypoint]: Database is uninitialized and password option is not specified\n    You need to specify one of the following as an environment variable:\n${told}`,
  };
}

/** The greeting, and a refusal of whoever answers it. Source: MySQL, "Protocol::HandshakeV10" and "ERR_Packet". */
function* serveMysql({ socket, peer }: Connection, version: string, plugin: string): sys.Sys<void> {
  const greeting = Buffer.concat([
    Buffer.from([10]),
    Buffer.from(`${version}\0`),
    Buffer.from([8, 0, 0, 0]),
    Buffer.from('f$z]DzZ4\0'),
    Buffer.from([0xff, 0xff, 0xff, 0x02, 0x00, 0xff, 0xdf, 21]),
    Buffer.alloc(10),
    Buffer.from(`3E>I3d~m&t:^\0${plugin}\0`),
  ]);
  yield* sys.send(socket, packetOf(0, greeting));
  const received = yield* sys.receive(socket);
  if (!received.ok || received.value === undefined) return;
  // Capabilities, size and character set stand before the name. Source: "Protocol::HandshakeResponse41".
  const user = sys.toText(received.value.subarray(36)).split('\0', 1)[0] ?? '';
  const refusal = Buffer.concat([
    Buffer.from([0xff, 0x15, 0x04]),
    Buffer.from(`#28000Access denied for user '${user}'@'${peer.address}' (using password: YES)`),
  ]);
  yield* sys.send(socket, packetOf(2, refusal));
}

function packetOf(sequence: number, payload: Buffer): Uint8Array {
  return Buffer.concat([Buffer.from([payload.length & 0xff, payload.length >> 8, 0, sequence]), payload]);
}

/** postgres: says nothing until it is spoken to, and then asks for a password, or lets in whom it trusts. */
export const postgres = createStore({
  port: 5432,
  portFlags: ['-p', '--port'],
  startUp: ({ env, port, nowMs }) => {
    if ((env.get('POSTGRES_PASSWORD') ?? '') === '' && env.get('POSTGRES_HOST_AUTH_METHOD') !== 'trust')
      return { exitCode: 1, text: noSuperuserPassword };
    const version = (env.get('PG_VERSION') ?? '').replace(/-.*$/, '');
    const lines = [
      `starting PostgreSQL ${version} on x86_64-pc-linux-gnu, compiled by gcc, 64-bit`,
      `listening on IPv4 address "0.0.0.0", port ${port}`,
      `listening on Unix socket "/var/run/postgresql/.s.PGSQL.${port}"`,
      'database system is ready to accept connections',
    ];
    const log = lines.map((line) => `${timeOf(nowMs)} UTC [1] LOG:  ${line}\n`).join('');
    return { text: `\nPostgreSQL init process complete; ready for start up.\n\n${log}` };
  },
  *serve({ socket }) {
    for (;;) {
      const received = yield* sys.receive(socket);
      if (!received.ok || received.value === undefined) return;
      yield* sys.send(socket, postgresReply(Buffer.from(received.value)));
    }
  },
});

const noSuperuserPassword =
  'Error: Database is uninitialized and superuser password is not specified.\n       You must specify POSTGRES_PASSWORD to a non-empty value for the\n       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".\n\n       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all\n       connections without a password. This is *not* recommended.\n\n       See PostgreSQL documentation about "trust":\n       https://www.postgresql.org/docs/current/auth-trust.html\n';

/** SSLRequest is refused with one letter; else AuthenticationSASL. Source: PostgreSQL, "Message Formats". */
function postgresReply(message: Buffer): Uint8Array {
  const sslRequest = 80_877_103;
  if (message.length === 8 && message.readUInt32BE(4) === sslRequest) return Buffer.from('N');
  return Buffer.concat([
    Buffer.from('R'),
    Buffer.from([0, 0, 0, 23, 0, 0, 0, 10]),
    Buffer.from('SCRAM-SHA-256\0\0'),
  ]);
}

/** mongod: accepts and waits. */
export const mongod = createStore({
  port: 27_017,
  portFlags: ['--port'],
  startUp: ({ port, nowMs }) => ({
    text: `{"t":{"$date":"${timeOf(nowMs).replace(' ', 'T')}+00:00"},"s":"I",  "c":"NETWORK",  "id":23016,   "ctx":"listener","msg":"Waiting for connections","attr":{"port":${port},"ssl":"off"}}\n`,
  }),
  *serve({ socket }) {
    yield* sys.receive(socket);
  },
});

/** memcached: knows its version, and nothing that it was told to keep. */
export const memcached = createStore({
  port: 11_211,
  portFlags: ['-p', '--port'],
  startUp: () => ({ text: '' }),
  *serve({ socket }) {
    for (;;) {
      const received = yield* sys.receive(socket);
      if (!received.ok || received.value === undefined) return;
      const [command = ''] = sys.toText(received.value).trim().split(/\s+/);
      if (command === 'quit') return;
      const replies = new Map([
        ['version', 'VERSION 1.6.32\r\n'],
        ['get', 'END\r\n'],
        ['gets', 'END\r\n'],
        ['set', 'SERVER_ERROR out of memory storing object\r\n'],
      ]);
      yield* sys.send(socket, sys.toBytes(replies.get(command) ?? 'ERROR\r\n'));
    }
  },
});
