/**
 * Databases as listeners: they check what their image needs, start up with their log lines, and greet whoever connects.
 * Redis answers PING and ECHO; nothing is stored anywhere.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { resolveName } from '../dns/resolver.ts';
import { errnoText } from '../errno-text.ts';
import { type Connection, runServer } from './frame.ts';

interface Store {
  readonly port: number;
  /** What is written at the start; a text with `exitCode` when it can't start with this environment. */
  startUp(env: ReadonlyMap<string, string>): { readonly text: string; readonly exitCode?: number };
  serve(connection: Connection): sys.Sys<void>;
}

function createStore(store: Store): Program {
  return (start) =>
    runServer<JsonObject>(start, {
      isConfig: (value: JsonValue): value is JsonObject => isJsonObject(value),
      serve: (_config, connection) => store.serve(connection),
      *setUp({ env, argv }) {
        const begun = store.startUp(env);
        const flag = argv.findIndex((argument) => argument === '--port' || argument === '-p');
        const port = flag > 0 ? Number(argv[flag + 1]) : store.port;
        yield* begun.exitCode === undefined
          ? sys.print(begun.text.replaceAll('{port}', String(port)))
          : sys.printError(begun.text);
        if (begun.exitCode !== undefined) return begun.exitCode;
        const socket = yield* sys.listen('tcp', '0.0.0.0', port);
        if (!socket.ok) {
          yield* sys.printError(`could not bind to port ${port}: ${errnoText(socket.error)}\n`);
          return 1;
        }
        for (const signal of ['SIGTERM', 'SIGINT'] as const) yield* sys.setSignal(signal, { exitCode: 0 });
        return { listeners: [socket.value], config: {} };
      },
    });
}

/** redis-server. */
export const redisServer = createStore({
  port: 6379,
  startUp: (env) => ({
    text: `1:M * Redis version=${env.get('STORE_VERSION') || '7.4.1'}, bits=64, just started\n1:M * Running mode=standalone, port={port}.\n1:M * Ready to accept connections tcp\n`,
  }),
  *serve({ socket }) {
    for (;;) {
      const received = yield* sys.receive(socket);
      if (!received.ok || received.value === undefined) return;
      const words = redisWords(sys.toText(received.value));
      const [command = '', argument] = words;
      const reply = redisReply(command.toUpperCase(), argument);
      yield* sys.send(socket, sys.toBytes(reply));
      if (command.toUpperCase() === 'QUIT') return;
    }
  },
});

/** redis-cli: one command, `PING` when there is none. */
export const redisCli: Program = function* ({ argv }) {
  const value = (flag: string, otherwise: string) => {
    const index = argv.indexOf(flag);
    return index < 0 ? otherwise : (argv[index + 1] ?? otherwise);
  };
  const [host, port] = [value('-h', '127.0.0.1'), Number(value('-p', '6379'))];
  const words = argv
    .slice(1)
    .filter((word, index, all) => !/^-/.test(word) && !/^-[hp]$/.test(all[index - 1] ?? ''));
  const resolved = yield* resolveName(host);
  const address = resolved.ok ? resolved.value.addresses[0] : undefined;
  const socket = address === undefined ? undefined : yield* sys.connect(address, port);
  if (socket?.ok !== true) {
    const why = socket === undefined ? 'Name or service not known' : errnoText(socket.error);
    yield* sys.printError(`Could not connect to Redis at ${host}:${port}: ${why}\n`);
    return 1;
  }
  yield* sys.send(socket.value, sys.toBytes(`${(words.length === 0 ? ['PING'] : words).join(' ')}\r\n`));
  const reply = yield* sys.receive(socket.value, 5000);
  yield* sys.close(socket.value);
  const text = reply.ok && reply.value !== undefined ? sys.toText(reply.value) : '';
  yield* sys.print(
    `${text
      .replace(/^[+]|^\$\d+\r\n/, '')
      .replace(/^-/, '(error) ')
      .trim()}\n`,
  );
  return 0;
};

/** mysqld: greets with the first packet of MySQL's protocol. */
export const mysqld = createStore({
  port: 3306,
  startUp: (env) => {
    const options = [
      'MYSQL_ROOT_PASSWORD',
      'MYSQL_ALLOW_EMPTY_PASSWORD',
      'MYSQL_RANDOM_ROOT_PASSWORD',
      'MARIADB_ROOT_PASSWORD',
    ];
    if (options.some((name) => (env.get(name) ?? '') !== '')) {
      return {
        text: `[Entrypoint]: MySQL init process done. Ready for start up.\nmysqld: ready for connections. Version: '${env.get('STORE_VERSION') || '8.4.3'}'  socket: '/var/run/mysqld/mysqld.sock'  port: {port}  MySQL Community Server - GPL.\n`,
      };
    }
    return {
      exitCode: 1,
      text: '[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified\n    You need to specify one of the following as an environment variable:\n    - MYSQL_ROOT_PASSWORD\n    - MYSQL_ALLOW_EMPTY_PASSWORD\n    - MYSQL_RANDOM_ROOT_PASSWORD\n',
    };
  },
  *serve({ socket }) {
    const greeting = sys.toBytes('\u000a8.4.3\u0000');
    yield* sys.send(socket, Uint8Array.of(greeting.length, 0, 0, 0, ...greeting));
    yield* sys.receive(socket);
  },
});

/** postgres: says nothing until it is spoken to, and then asks for a password. */
export const postgres = createStore({
  port: 5432,
  startUp: (env) => {
    if ((env.get('POSTGRES_PASSWORD') ?? '') !== '' || env.get('POSTGRES_HOST_AUTH_METHOD') === 'trust') {
      return {
        text: 'PostgreSQL init process complete; ready for start up.\n\nLOG:  listening on IPv4 address "0.0.0.0", port {port}\nLOG:  database system is ready to accept connections\n',
      };
    }
    return {
      exitCode: 1,
      text: 'Error: Database is uninitialized and superuser password is not specified.\n       You must specify POSTGRES_PASSWORD to a non-empty value for the\n       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".\n\n       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all\n       connections without a password. This is *not* recommended.\n\n       See PostgreSQL documentation about "trust":\n       https://www.postgresql.org/docs/current/auth-trust.html\n',
    };
  },
  *serve({ socket }) {
    const received = yield* sys.receive(socket);
    // AuthenticationCleartextPassword. Source: PostgreSQL, "Message Formats".
    if (received.ok && received.value !== undefined)
      yield* sys.send(socket, Uint8Array.of(0x52, 0, 0, 0, 8, 0, 0, 0, 3));
    yield* sys.receive(socket);
  },
});

/** mongod: accepts and waits. */
export const mongod = createStore({
  port: 27_017,
  startUp: () => ({
    text: '{"t":{},"s":"I","c":"NETWORK","msg":"Waiting for connections","attr":{"port":{port},"ssl":"off"}}\n',
  }),
  *serve({ socket }) {
    yield* sys.receive(socket);
  },
});

/** Words of an inline command, or of an array of bulk strings. */
function redisWords(text: string): readonly string[] {
  if (!text.startsWith('*')) return text.trim().split(/\s+/);
  return text.split('\r\n').filter((line) => line !== '' && !/^[*$]\d+$/.test(line));
}

function redisReply(command: string, argument: string | undefined): string {
  if (command === 'PING') return argument === undefined ? '+PONG\r\n' : bulk(argument);
  if (command === 'ECHO' && argument !== undefined) return bulk(argument);
  if (command === 'QUIT') return '+OK\r\n';
  return `-ERR unknown command '${command}', with args beginning with: ${argument === undefined ? '' : `'${argument}' `}\r\n`;
}

function bulk(text: string): string {
  return `$${sys.toBytes(text).length}\r\n${text}\r\n`;
}
