/**
 * ss of iproute2: the TCP and UDP sockets of this namespace.
 * Source: iproute2 6.1 (misc/ss.c), recorded in fixtures/ss.txt. Left out: other families of sockets, what `-e`, `-i`, `-m` and
 * `-o` tell of a socket besides.
 */
import { isProcesses, isSockets, type SocketFacts } from '../../net/process/inspect.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { parseArguments } from '../arguments.ts';
import { serviceName } from './service-names.ts';
import { allStates, parseSelection } from './ss-filter.ts';

const options = {
  flags: {
    t: 'tcp',
    tcp: 'tcp',
    u: 'udp',
    udp: 'udp',
    l: 'listening',
    listening: 'listening',
    a: 'all',
    all: 'all',
    n: 'numeric',
    numeric: 'numeric',
    p: 'processes',
    processes: 'processes',
    H: 'no-header',
    'no-header': 'no-header',
    s: 'summary',
    summary: 'summary',
    V: 'version',
    version: 'version',
    '4': 'ipv4',
    ipv4: 'ipv4',
    '6': 'ipv6',
    ipv6: 'ipv6',
    x: 'other',
    unix: 'other',
    w: 'other',
    raw: 'other',
    S: 'other',
    sctp: 'other',
    e: 'extended',
    extended: 'extended',
    o: 'timers',
    options: 'timers',
    O: 'oneline',
    oneline: 'oneline',
    r: 'resolve',
    resolve: 'resolve',
    i: 'info',
    info: 'info',
    m: 'memory',
    memory: 'memory',
    K: 'kill',
    kill: 'kill',
    E: 'events',
    events: 'events',
  },
  values: { f: 'family', family: 'family' },
} as const;

/** ss. */
export const ss: Program = function* ({ argv }) {
  const parsed = parseArguments(argv.slice(1), options);
  if (!parsed.ok) {
    yield* sys.printError(
      `ss: invalid option -- '${parsed.error.option.replace(/^-+/, '')}'\nUsage: ss [ OPTIONS ]\n       ss [ OPTIONS ] [ FILTER ]\n`,
    );
    return 255;
  }
  const { flags, operands } = parsed.value;
  if (flags.has('version')) {
    yield* sys.print('ss utility, iproute2-6.1.0\n');
    return 0;
  }
  const unsimulated = ['info', 'memory', 'kill', 'events'].find((name) => flags.has(name));
  if (unsimulated !== undefined) {
    yield* sys.printError(`ss: --${unsimulated} is not simulated\n`);
    return 255;
  }
  const facts = yield* sys.inspect('sockets');
  const all = isSockets(facts) ? facts : [];
  if (flags.has('summary')) {
    yield* sys.print(summaryOf(all));
    return 0;
  }
  const selection = parseSelection(operands);
  if (!selection.ok) {
    yield* sys.printError(selection.error.message);
    return selection.error.exitCode;
  }
  const protocols = (['udp', 'tcp'] as const).filter((name) => flags.has(name));
  const isNarrowed = protocols.length > 0 || flags.has('other');
  const shown = isNarrowed ? protocols : (['udp', 'tcp'] as const);
  const states = selection.value.states ?? defaultStates(flags, shown);
  const isIPv6 = flags.has('ipv6') && !flags.has('ipv4');
  const rows = shown.flatMap((protocol) =>
    inOrder(
      all.filter(
        (socket) =>
          !isIPv6 &&
          socket.protocol === protocol &&
          states.has(stateOf(socket)) &&
          selection.value.isMeant(socket),
      ),
    ),
  );
  const names = flags.has('processes') ? yield* processNames() : undefined;
  const style: TableStyle = {
    numeric: flags.has('numeric'),
    header: !flags.has('no-header'),
    names,
    netid: (isNarrowed ? protocols.length + (flags.has('other') ? 1 : 0) : 2) > 1,
    state: states.size > 1,
  };
  yield* sys.print(tableOf(rows, style));
  return 0;
};

/** Without `-a` and `-l` what is connected; of UDP alone that is one state. Source: default_dbs and default_states in ss.c. */
function defaultStates(
  flags: ReadonlySet<string>,
  protocols: readonly ('tcp' | 'udp')[],
): ReadonlySet<string> {
  if (flags.has('all')) return new Set(allStates);
  if (flags.has('listening')) return new Set(['LISTEN', 'UNCONN']);
  if (!protocols.includes('tcp')) return new Set(['ESTAB']);
  return new Set(allStates.filter((state) => state !== 'LISTEN' && state !== 'UNCONN'));
}

function stateOf({ protocol, state }: SocketFacts): string {
  return protocol === 'udp' && state !== 'ESTAB' ? 'UNCONN' : state;
}

/** Those that listen come first, as the kernel dumps them. */
function inOrder(sockets: readonly SocketFacts[]): readonly SocketFacts[] {
  const rank = ({ state }: SocketFacts) => (state === 'LISTEN' ? 0 : 1);
  return [...sockets].sort((a, b) => rank(a) - rank(b));
}

function* processNames(): sys.Sys<ReadonlyMap<number, string>> {
  const facts = yield* sys.inspect('processes');
  const processes = isProcesses(facts) ? facts : [];
  return new Map(processes.map(({ machinePid, argv }) => [machinePid, argv[0]?.split('/').at(-1) ?? '']));
}

interface TableStyle {
  readonly numeric: boolean;
  readonly header: boolean;
  readonly names: ReadonlyMap<number, string> | undefined;
  readonly netid: boolean;
  readonly state: boolean;
}

interface Column {
  readonly title: string;
  readonly alignsRight?: boolean;
  /** What stands before it. */
  readonly gap: string;
  readonly cell: (socket: SocketFacts) => string;
}

/** Every column is as wide as its widest cell, the last one too. */
function tableOf(sockets: readonly SocketFacts[], style: TableStyle): string {
  const shown = columnsOf(style).map((column) => {
    const cells = [...(style.header ? [column.title] : []), ...sockets.map(column.cell)];
    const width = Math.max(0, ...cells.map((cell) => cell.length));
    return {
      ...column,
      cells: cells.map((cell) => (column.alignsRight === true ? cell.padStart(width) : cell.padEnd(width))),
    };
  });
  const lines = Array.from({ length: sockets.length + (style.header ? 1 : 0) }, (_, row) =>
    shown.map(({ gap, cells }, index) => `${index === 0 ? '' : gap}${cells[row] ?? ''}`).join(''),
  );
  return lines.map((line) => `${line}\n`).join('');
}

function columnsOf({ numeric, names, netid, state }: TableStyle): readonly Column[] {
  const port = (number: number, protocol: 'tcp' | 'udp') =>
    (numeric ? undefined : serviceName(number, protocol)) ?? String(number);
  const queue = (bytes: number) => String(bytes).padEnd(6);
  return [
    ...(netid ? [{ title: 'Netid', gap: '', cell: ({ protocol }: SocketFacts) => protocol }] : []),
    ...(state ? [{ title: 'State', gap: ' ', cell: stateOf }] : []),
    { title: 'Recv-Q', gap: ' ', cell: ({ receiveQueueBytes }) => queue(receiveQueueBytes) },
    { title: 'Send-Q', gap: ' ', cell: ({ sendQueueBytes }) => queue(sendQueueBytes) },
    { title: 'Local Address:', gap: ' ', alignsRight: true, cell: ({ local }) => `${local.address}:` },
    { title: 'Port', gap: '', cell: ({ local, protocol }) => port(local.port, protocol) },
    {
      title: 'Peer Address:',
      gap: ' ',
      alignsRight: true,
      cell: ({ peer }) => `${peer?.address ?? '0.0.0.0'}:`,
    },
    {
      title: 'Port',
      gap: '',
      cell: ({ peer, protocol }) => (peer === undefined ? '*' : port(peer.port, protocol)),
    },
    {
      title: 'Process',
      gap: '',
      cell: ({ pid, local }) => {
        const name = names?.get(pid);
        return name === undefined ? '' : ` users:(("${name}",pid=${pid},fd=${3 + (local.port % 7)}))`;
      },
    },
  ];
}

/** Counts by kind. Source: print_summary in ss.c. */
function summaryOf(sockets: readonly SocketFacts[]): string {
  const tcp = sockets.filter(({ protocol }) => protocol === 'tcp');
  const udp = sockets.length - tcp.length;
  const count = (state: string) => tcp.filter((socket) => socket.state === state).length;
  const waiting = count('TIME-WAIT');
  const orphaned = tcp.filter(({ pid, state }) => pid === 0 && state !== 'TIME-WAIT').length;
  const row = (name: string, number: number) =>
    `${name}\t  ${String(number).padEnd(9)} ${String(number).padEnd(9)} ${'0'.padEnd(9)}\n`;
  return (
    `Total: ${sockets.length}\nTCP:   ${tcp.length} (estab ${count('ESTAB')}, closed ${waiting}, orphaned ${orphaned}, timewait ${waiting})\n\n` +
    `Transport Total     IP        IPv6\n${row('RAW', 0)}${row('UDP', udp)}${row('TCP', tcp.length - waiting)}${row('INET', sockets.length - waiting)}${row('FRAG', 0)}\n`
  );
}
