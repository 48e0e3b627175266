/**
 * agnhost, Kubernetes' test image: netexec, serve-hostname, connect, liveness, porter, test-webserver, grpc-health-checking, entrypoint-tester, pause and
 * what prints resolver settings. Its other subcommands are not there and say so. Source: kubernetes test/images/agnhost.
 */
import { isJsonObject } from '../../base/json.ts';
import * as sys from '../../net/process/sys.ts';
import type { ProcessStart, Program } from '../../net/process/syscalls.ts';
import { type ParsedArguments, parseArguments } from '../arguments.ts';
import { parseResolvConf, resolveName } from '../dns/resolver.ts';
import { errnoText } from '../errno-text.ts';
import { serveHttp, textResponse } from '../http/server.ts';
import { liveness, porter, testWebserver } from './agnhost-servers.ts';
import { serveDatagrams } from './datagrams.ts';
import { type GoConfig, goConfig, isGoConfig, klog, listenOn } from './go-server.ts';
import { grpcHealth } from './grpc-health.ts';
import { answerNetexec, answerNetexecDatagram } from './netexec.ts';

/** agnhost. */
export const agnhost: Program = function* (start) {
  const [command = 'pause', ...rest] = start.argv.slice(1);
  switch (command) {
    case 'netexec':
      return yield* netexec(start, rest);
    case 'serve-hostname':
      return yield* serveHostname(start, rest);
    case 'connect':
      return yield* connect(rest);
    case 'pause':
      yield* sys.print('Paused\nSignals registered\n');
      yield* sys.setSignal('SIGINT', { exitCode: 1 });
      yield* sys.setSignal('SIGTERM', { exitCode: 2 });
      for (;;) yield* sys.sleep(86_400_000);
    case 'liveness':
      return yield* liveness(start);
    case 'porter':
      return yield* porter(start);
    case 'test-webserver': {
      const flags = yield* readFlags(rest, [], ['port']);
      return flags === undefined ? 1 : yield* testWebserver(start, Number(flags.value('port') ?? 80));
    }
    case 'grpc-health-checking':
      return yield* grpcHealthChecking(start, rest);
    case 'entrypoint-tester':
      yield* sys.print(`[${start.argv.join(' ')}]\n`);
      return 0;
    case 'dns-suffix':
    case 'dns-server-list': {
      const { search, nameservers } = parseResolvConf((yield* sys.readText('/etc/resolv.conf')) ?? '');
      yield* sys.print((command === 'dns-suffix' ? search : nameservers).join(','));
      return 0;
    }
    case 'etc-hosts':
      yield* sys.print((yield* sys.readText('/etc/hosts')) ?? '');
      return 0;
    case 'help':
    case '--help':
      yield* sys.print(
        'Usage:\n  app [command]\n\nAvailable Commands:\n  connect\n  dns-server-list\n  dns-suffix\n  entrypoint-tester\n  etc-hosts\n  grpc-health-checking\n  liveness\n  netexec\n  pause\n  porter\n  serve-hostname\n  test-webserver\n',
      );
      return 0;
    default:
      if (leftOut.has(command)) {
        yield* sys.printError(`kubedrill: agnhost ${command} is not simulated\n`);
        return 1;
      }
      yield* sys.printError(`Error: unknown command "${command}" for "app"\nRun 'app --help' for usage.\n`);
      return 1;
  }
};

const leftOut: ReadonlySet<string> = new Set(
  'audit-proxy crd-conversion-webhook external-metrics fake-gitserver fake-registry-server guestbook inclusterclient logs-generator mounttest mtlsclient mtlsserver net nettest no-snat-test no-snat-test-proxy nonewprivs port-forward-tester resource-consumer-controller tcp-reset webhook'.split(
    ' ',
  ),
);

function* readFlags(
  args: readonly string[],
  flags: readonly string[],
  values: readonly string[],
): sys.Sys<ParsedArguments | undefined> {
  const named = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, name]));
  const parsed = parseArguments(args, { flags: named(flags), values: named(values) });
  if (parsed.ok) return parsed.value;
  const { kind, option } = parsed.error;
  const what = kind === 'needs-value' ? `flag needs an argument: ${option}` : `unknown flag: ${option}`;
  yield* sys.printError(`Error: ${what}\n`);
  return undefined;
}

function* grpcHealthChecking(start: ProcessStart, args: readonly string[]): sys.Sys<number> {
  const names = [
    'port',
    'http-port',
    'delay-unhealthy-sec',
    'service',
    'tls-cert-file',
    'tls-private-key-file',
  ];
  const flags = yield* readFlags(args, [], names);
  if (flags === undefined) return 1;
  return yield* grpcHealth(start, {
    port: Number(flags.value('port') ?? 5000),
    httpPort: Number(flags.value('http-port') ?? 8080),
    delayUnhealthySec: Number(flags.value('delay-unhealthy-sec') ?? -1),
    service: flags.value('service') ?? '',
  });
}

function* netexec(start: ProcessStart, args: readonly string[]): sys.Sys<number> {
  const { resume } = start;
  if (isJsonObject(resume) && resume.at === 'udp') {
    return yield* serveDatagrams(Number(resume.socket), answerNetexecDatagram);
  }
  return yield* serveHttp<GoConfig>(start, {
    style: 'go',
    isConfig: isGoConfig,
    handle: answerNetexec,
    *setUp() {
      const flags = yield* readFlags(
        args,
        [],
        [
          'http-port',
          'udp-port',
          'sctp-port',
          'tls-cert-file',
          'tls-private-key-file',
          'http-override',
          'udp-listen-addresses',
          'delay-shutdown',
        ],
      );
      if (flags === undefined) return 1;
      const port = Number(flags.value('http-port') ?? 8080);
      const udpPort = Number(flags.value('udp-port') ?? 8081);
      yield* sys.setSignal('SIGTERM', { exitCode: 2 });
      yield* klog(`Started HTTP server on port ${port}`);
      const listener = yield* listenOn(port, klog);
      if (typeof listener === 'number') return listener;
      const udp = udpPort === -1 ? undefined : yield* sys.listen('udp', '0.0.0.0', udpPort);
      if (udp?.ok === false) {
        yield* klog(`listen udp :${udpPort}: bind: ${errnoText(udp.error).toLowerCase()}`);
        return 1;
      }
      if (udp !== undefined) {
        yield* klog(`Started UDP server on port  ${udpPort}`);
        yield* sys.thread({ at: 'udp', socket: udp.value });
      }
      const override = flags.value('http-override');
      return {
        listeners: [listener.socket],
        config: yield* goConfig(override === undefined ? {} : { override }),
      };
    },
  });
}

function* serveHostname(start: ProcessStart, args: readonly string[]): sys.Sys<number> {
  const { resume } = start;
  if (isJsonObject(resume) && resume.at === 'udp') {
    return yield* serveDatagrams(Number(resume.socket), function* ({ peer }) {
      yield* klog(`UDP request from ${peer.address}:${peer.port}`);
      return sys.toBytes(yield* sys.hostname());
    });
  }
  return yield* serveHttp<GoConfig>(start, {
    style: 'go',
    isConfig: isGoConfig,
    *handle(config, _request, { peer }) {
      yield* klog(`HTTP request from ${peer.address}:${peer.port}`);
      const close = config.settings.close === 'yes' ? ([['Connection', 'close']] as const) : [];
      return textResponse(200, config.hostname, close);
    },
    *setUp() {
      const flags = yield* readFlags(args, ['tcp', 'udp', 'http', 'close'], ['port']);
      if (flags === undefined) return 1;
      const port = Number(flags.value('port') ?? 9376);
      // It notes SIGTERM and sleeps for a minute, so the grace period runs out.
      yield* sys.setSignal('SIGTERM', 'ignore');
      if (flags.flags.has('udp')) {
        const udp = yield* sys.listen('udp', '0.0.0.0', port);
        if (udp.ok) yield* sys.thread({ at: 'udp', socket: udp.value });
      }
      const listener = yield* listenOn(port, klog);
      if (typeof listener === 'number') return listener;
      yield* klog(`Serving on port ${port}.`);
      const config = yield* goConfig({ close: flags.flags.has('close') ? 'yes' : 'no' });
      return { listeners: [listener.socket], config };
    },
  });
}

function* connect(args: readonly string[]): sys.Sys<number> {
  const flags = yield* readFlags(args, [], ['timeout', 'protocol', 'udp-data', 'sctp-data']);
  if (flags === undefined) return 1;
  const [target] = flags.operands;
  if (target === undefined) {
    yield* sys.printError('Error: accepts 1 arg(s), received 0\n');
    return 1;
  }
  const match = /^(.*):(\d+)$/.exec(target);
  if (match === null) {
    yield* sys.printError(`UNKNOWN: address ${target}: missing port in address\n`);
    return 1;
  }
  const [, host = '', port = ''] = match;
  const resolved = yield* resolveName(host);
  const address = resolved.ok ? resolved.value.addresses[0] : undefined;
  if (address === undefined) {
    const server = parseResolvConf((yield* sys.readText('/etc/resolv.conf')) ?? '').nameservers[0] ?? '';
    yield* sys.printError(`DNS: lookup ${host} on ${server}:53: no such host\n`);
    return 1;
  }
  const timeoutMs = parseDuration(flags.value('timeout') ?? '0');
  const timeout = timeoutMs === 0 ? {} : { timeoutMs };
  if (flags.value('protocol') === 'udp') {
    return yield* connectUdp(address, Number(port), flags.value('udp-data') ?? 'hostname', timeoutMs);
  }
  const socket = yield* sys.connect(address, Number(port), timeout);
  if (socket.ok) {
    yield* sys.close(socket.value);
    return 0;
  }
  if (socket.error === 'ETIMEDOUT') yield* sys.printError('TIMEOUT\n');
  else if (socket.error === 'ECONNREFUSED') yield* sys.printError('REFUSED\n');
  else
    yield* sys.printError(
      `OTHER: dial tcp ${address}:${port}: connect: ${errnoText(socket.error).toLowerCase()}\n`,
    );
  return 1;
}

function* connectUdp(address: string, port: number, data: string, timeoutMs: number): sys.Sys<number> {
  const socket = yield* sys.listen('udp', '0.0.0.0', 0);
  if (!socket.ok) return 1;
  yield* sys.sendTo(socket.value, address, port, sys.toBytes(`${data}\n`));
  const reply = yield* sys.receiveFrom(socket.value, timeoutMs === 0 ? undefined : timeoutMs);
  yield* sys.close(socket.value);
  if (reply.ok) return 0;
  const local = `read udp ->${address}:${port}`;
  if (reply.error === 'ETIMEDOUT') yield* sys.printError(`TIMEOUT: ${local}: i/o timeout\n`);
  else if (reply.error === 'ECONNREFUSED')
    yield* sys.printError(`REFUSED: ${local}: read: connection refused\n`);
  else yield* sys.printError(`UNKNOWN: ${local}: read: ${errnoText(reply.error).toLowerCase()}\n`);
  return 1;
}

/** A Go duration in milliseconds; what is none counts as 0. */
function parseDuration(text: string): number {
  const units = new Map([
    ['ms', 1],
    ['s', 1000],
    ['m', 60_000],
    ['h', 3_600_000],
  ]);
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    total += Number(amount) * (units.get(unit ?? '') ?? 0);
  }
  return total;
}
