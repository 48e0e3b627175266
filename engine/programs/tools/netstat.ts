/** netstat of busybox and net-tools: the TCP and UDP sockets of this namespace, and its routes. */
import { isProcesses, isRoutes, isSockets, type SocketFacts } from '../../net/process/inspect.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';

interface Choice {
  readonly tcp: boolean;
  readonly udp: boolean;
  readonly listening: boolean;
  readonly all: boolean;
  readonly processes: boolean;
}

/** netstat. */
export const netstat: Program = function* ({ argv }) {
  const args = argv.slice(1);
  if (args.some((argument) => /^-[a-z]*r/.test(argument))) return yield* routeTable();
  const choice = readChoice(args);
  const sockets = yield* readSockets(choice);
  const names = yield* processNames();
  const which = choice.all
    ? '(servers and established)'
    : choice.listening
      ? '(only servers)'
      : '(w/o servers)';
  const lines = sockets.map((socket) => {
    const local = `${socket.local.address}:${socket.local.port}`;
    const peer = socket.peer === undefined ? '0.0.0.0:*' : `${socket.peer.address}:${socket.peer.port}`;
    const state = socket.protocol === 'udp' ? '' : (netstatStates.get(socket.state) ?? socket.state);
    const owner = choice.processes ? `${socket.pid}/${names.get(socket.pid) ?? '-'}` : '';
    return `${socket.protocol.padEnd(5)} ${String(socket.receiveQueueBytes).padStart(6)} ${String(socket.sendQueueBytes).padStart(6)} ${local.padEnd(23)} ${peer.padEnd(23)} ${state.padEnd(12)}${owner}\n`;
  });
  const title = `Active Internet connections ${which}\nProto Recv-Q Send-Q Local Address           Foreign Address         State       ${choice.processes ? 'PID/Program name    ' : ''}\n`;
  yield* sys.print(`${title}${lines.join('')}`);
  return 0;
};

const netstatStates: ReadonlyMap<string, string> = new Map([
  ['ESTAB', 'ESTABLISHED'],
  ['SYN-SENT', 'SYN_SENT'],
  ['SYN-RECV', 'SYN_RECV'],
  ['FIN-WAIT-1', 'FIN_WAIT1'],
  ['FIN-WAIT-2', 'FIN_WAIT2'],
  ['TIME-WAIT', 'TIME_WAIT'],
  ['CLOSE-WAIT', 'CLOSE_WAIT'],
  ['LAST-ACK', 'LAST_ACK'],
]);

function readChoice(args: readonly string[]): Choice {
  const letters = new Set(
    args.filter((argument) => /^-[a-zA-Z0-9]+$/.test(argument)).flatMap((argument) => [...argument.slice(1)]),
  );
  const long = (name: string) => args.includes(`--${name}`);
  const tcp = letters.has('t') || long('tcp');
  const udp = letters.has('u') || long('udp');
  return {
    tcp: tcp || !udp,
    udp: udp || !tcp,
    listening: letters.has('l') || long('listening'),
    all: letters.has('a') || long('all'),
    processes: letters.has('p') || long('processes') || long('program'),
  };
}

function* readSockets(choice: Choice): sys.Sys<readonly SocketFacts[]> {
  const facts = yield* sys.inspect('sockets');
  const sockets = isSockets(facts) ? facts : [];
  return sockets.filter(({ protocol, peer }) => {
    if (!(protocol === 'tcp' ? choice.tcp : choice.udp)) return false;
    return choice.all || (peer === undefined) === choice.listening;
  });
}

function* processNames(): sys.Sys<ReadonlyMap<number, string>> {
  const facts = yield* sys.inspect('processes');
  const processes = isProcesses(facts) ? facts : [];
  return new Map(processes.map(({ machinePid, argv }) => [machinePid, argv[0]?.split('/').at(-1) ?? '']));
}

function* routeTable(): sys.Sys<number> {
  const facts = yield* sys.inspect('routes');
  const routes = isRoutes(facts) ? facts : [];
  const rows = routes.map(({ destination, via, link = '' }) => {
    const [network = '', prefix = '32'] =
      destination === 'default' ? ['0.0.0.0', '0'] : destination.split('/');
    const bits = Number(prefix);
    const mask = [0, 1, 2, 3]
      .map((part) => 256 - 2 ** (8 - Math.min(8, Math.max(0, bits - 8 * part))))
      .join('.');
    const flags = `U${via === undefined ? '' : 'G'}${bits === 32 ? 'H' : ''}`;
    return `${network.padEnd(15)} ${(via ?? '0.0.0.0').padEnd(15)} ${mask.padEnd(15)} ${flags.padEnd(7)}   0 0          0 ${link}\n`;
  });
  yield* sys.print(
    `Kernel IP routing table\nDestination     Gateway         Genmask         Flags   MSS Window  irtt Iface\n${rows.join('')}`,
  );
  return 0;
}
