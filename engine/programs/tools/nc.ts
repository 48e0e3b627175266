/**
 * nc: OpenBSD's as Debian and Alpine's package have it, and busybox's. Standard input goes to the peer, what comes from
 * the peer to standard output. Input and connection are read one after the other, not at once.
 */

import type { Errno } from '../../net/process/errno.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { type OptionTable, type ParsedArguments, parseArguments } from '../arguments.ts';
import { resolveName } from '../dns/resolver.ts';
import { errnoText } from '../errno-text.ts';

const options: OptionTable = {
  flags: {
    z: 'scan',
    v: 'verbose',
    u: 'udp',
    l: 'listen',
    n: 'numeric',
    k: 'keep',
    N: 'shutdown',
    '4': 'ipv4',
    d: 'no-stdin',
  },
  values: { w: 'wait', p: 'port', s: 'source', q: 'quit', i: 'interval', e: 'execute' },
};

type Form = 'openbsd' | 'busybox';

/** OpenBSD's nc. */
export const nc: Program = ({ argv }) => netcat(argv, 'openbsd');

/** busybox nc. */
export const ncBusybox: Program = ({ argv }) => netcat(argv, 'busybox');

function* netcat(argv: readonly string[], form: Form): sys.Sys<number> {
  const parsed = parseArguments(argv.slice(1), options);
  if (!parsed.ok) {
    yield* sys.printError(`nc: invalid option -- '${parsed.error.option.slice(1)}'\n`);
    return 1;
  }
  const args = parsed.value;
  if (args.flags.has('listen')) return yield* listen(args);
  const [host, ports] = args.operands;
  if (host === undefined || ports === undefined) {
    yield* sys.printError(
      form === 'openbsd'
        ? 'usage: nc [-46CDdFhklNnrStUuvZz] [-w timeout] [destination] [port]\n'
        : 'BusyBox v1.36.1 (2024-05-28 13:22:30 UTC) multi-call binary.\n\nUsage: nc [OPTIONS] HOST PORT\n',
    );
    return 1;
  }
  const resolved = yield* resolveName(host);
  const address = resolved.ok ? resolved.value.addresses[0] : undefined;
  if (address === undefined) {
    yield* sys.printError(
      form === 'openbsd'
        ? `nc: getaddrinfo for host "${host}" port ${ports}: Name or service not known\n`
        : `nc: bad address '${host}'\n`,
    );
    return 1;
  }
  const target: Target = { host, address, isName: address !== host, form, args };
  let status = 1;
  for (const port of portsOf(ports)) {
    const result = args.flags.has('udp') ? yield* talkUdp(target, port) : yield* talkTcp(target, port);
    if (result === 0) status = 0;
    if (!args.flags.has('scan')) return result;
  }
  return status;
}

interface Target {
  readonly host: string;
  readonly address: string;
  readonly isName: boolean;
  readonly form: Form;
  readonly args: ParsedArguments;
}

function portsOf(text: string): readonly number[] {
  const [from = 0, to = from] = text.split('-').map(Number);
  return Array.from({ length: Math.max(1, Math.min(to - from + 1, 1024)) }, (_, index) => from + index);
}

function waitMs(args: ParsedArguments): number | undefined {
  const seconds = Number(args.value('wait'));
  return args.value('wait') === undefined || Number.isNaN(seconds) ? undefined : seconds * 1000;
}

function* talkTcp(target: Target, port: number): sys.Sys<number> {
  const { args, address } = target;
  const timeoutMs = waitMs(args);
  const socket = yield* sys.connect(address, port, timeoutMs === undefined ? {} : { timeoutMs });
  const isVerbose = args.flags.has('verbose');
  if (!socket.ok) {
    if (isVerbose || target.form === 'busybox') yield* sys.printError(refusal(target, port, socket.error));
    return 1;
  }
  if (isVerbose) yield* sys.printError(success(target, port, 'tcp'));
  if (!args.flags.has('scan')) {
    const input = args.flags.has('no-stdin') ? new Uint8Array() : yield* sys.readAllStdin();
    if (input.length > 0) yield* sys.send(socket.value, input);
    for (;;) {
      const received = yield* sys.receive(socket.value, timeoutMs);
      if (!received.ok || received.value === undefined) break;
      yield* sys.write(1, received.value);
    }
  }
  yield* sys.close(socket.value);
  return 0;
}

function* talkUdp(target: Target, port: number): sys.Sys<number> {
  const { args, address } = target;
  const socket = yield* sys.listen('udp', '0.0.0.0', 0);
  if (!socket.ok) return 1;
  const isScan = args.flags.has('scan');
  const input = isScan ? sys.toBytes('X') : yield* sys.readAllStdin();
  if (input.length > 0) yield* sys.sendTo(socket.value, address, port, input);
  // A scan waits for the ICMP error of a closed port; silence counts as open.
  const reply = yield* sys.receiveFrom(socket.value, isScan ? 1000 : waitMs(args));
  let status = 0;
  if (reply.ok) yield* sys.write(1, reply.value.bytes);
  else if (reply.error !== 'ETIMEDOUT') status = 1;
  if (status === 0 && args.flags.has('verbose')) yield* sys.printError(success(target, port, 'udp'));
  yield* sys.close(socket.value);
  return status;
}

/** Names of well-known ports, as /etc/services has them. */
const services: ReadonlyMap<number, string> = new Map([
  [22, 'ssh'],
  [25, 'smtp'],
  [53, 'domain'],
  [80, 'http'],
  [443, 'https'],
  [3306, 'mysql'],
  [5432, 'postgresql'],
  [6379, 'redis'],
  [8080, 'http-alt'],
]);

function success({ form, host, address, isName }: Target, port: number, protocol: 'tcp' | 'udp'): string {
  if (form === 'busybox') return `${isName ? host : address} (${address}:${port}) open\n`;
  const shown = isName ? `${host} (${address})` : host;
  return `Connection to ${shown} ${port} port [${protocol}/${services.get(port) ?? '*'}] succeeded!\n`;
}

function refusal({ form, host, address, isName }: Target, port: number, errno: Errno): string {
  if (form === 'busybox')
    return `nc: ${host} (${address}:${port}): ${errno === 'ETIMEDOUT' ? 'Connection timed out' : errnoText(errno)}\n`;
  const shown = isName ? `${host} (${address})` : host;
  const why = errno === 'ETIMEDOUT' ? 'timed out: Operation now in progress' : `failed: ${errnoText(errno)}`;
  return `nc: connect to ${shown} port ${port} (tcp) ${why}\n`;
}

function* listen(args: ParsedArguments): sys.Sys<number> {
  const port = Number(args.value('port') ?? args.operands.at(-1) ?? 0);
  if (args.flags.has('udp')) return yield* listenUdp(port);
  const listener = yield* sys.listen('tcp', '0.0.0.0', port);
  if (!listener.ok) {
    yield* sys.printError(`nc: ${errnoText(listener.error)}\n`);
    return 1;
  }
  if (args.flags.has('verbose')) yield* sys.printError(`Listening on 0.0.0.0 ${port}\n`);
  do {
    const accepted = yield* sys.accept(listener.value);
    if (!accepted.ok) return 1;
    const { socket, peer } = accepted.value;
    if (args.flags.has('verbose'))
      yield* sys.printError(`Connection received on ${peer.address} ${peer.port}\n`);
    const command = args.value('execute');
    const input = command === undefined ? yield* sys.readAllStdin() : yield* outputOf(command);
    if (input.length > 0) yield* sys.send(socket, input);
    // With nothing to say it listens; having said something it goes when the other does.
    for (;;) {
      const received = yield* sys.receive(socket, input.length > 0 ? 1000 : undefined);
      if (!received.ok || received.value === undefined) break;
      yield* sys.write(1, received.value);
    }
    yield* sys.close(socket);
  } while (args.flags.has('keep'));
  return 0;
}

function* listenUdp(port: number): sys.Sys<number> {
  const socket = yield* sys.listen('udp', '0.0.0.0', port);
  if (!socket.ok) {
    yield* sys.printError(`nc: ${errnoText(socket.error)}\n`);
    return 1;
  }
  for (;;) {
    const received = yield* sys.receiveFrom(socket.value);
    if (!received.ok) return 1;
    yield* sys.write(1, received.value.bytes);
  }
}

function* outputOf(command: string): sys.Sys<Uint8Array> {
  const child = yield* sys.spawn([command], { stdin: 'empty', stdout: 'collect' });
  if (!child.ok) return new Uint8Array();
  const result = yield* sys.wait(child.value);
  return result.ok ? result.value.stdout : new Uint8Array();
}
