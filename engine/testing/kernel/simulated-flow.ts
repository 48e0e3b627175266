/** The same try at a connection in the simulated cluster, told in the same words as the real kernel's. */
import type { Cluster } from '../../cluster.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import type { PacketHeader, PacketTrace } from '../../net/trace.ts';
import type { FlowRequest, FlowResult } from './real-kernel.ts';

/** A result with the packets that went out for it. */
export interface SimulatedFlow extends FlowResult {
  readonly packets: readonly PacketTrace[];
}

/** What the servers of the base cluster answer, as those of the real kernel answer anything. */
const request = 'GET /hostname HTTP/1.0\r\n\r\n';

const program: Program = function* ({ argv }) {
  const [, protocol, address = '', port = '0', timeout = '0'] = argv;
  const timeoutMs = Number(timeout);
  if (protocol === 'tcp') {
    const deadlineMs = (yield* sys.now()) + timeoutMs;
    const connected = yield* sys.connect(address, Number(port), { timeoutMs });
    const sent = connected.ok ? yield* sys.send(connected.value, sys.toBytes(request)) : connected;
    const restMs = deadlineMs - (yield* sys.now());
    const reply = connected.ok && sent.ok ? yield* sys.receive(connected.value, restMs) : sent;
    yield* sys.print(reply.ok ? 'connected' : reply.error);
    return 0;
  }
  const socket = yield* sys.listen('udp', '0.0.0.0', 0);
  if (!socket.ok) return 1;
  const sent = yield* sys.sendTo(socket.value, address, Number(port), sys.toBytes('hostname'));
  const reply = sent.ok ? yield* sys.receiveFrom(socket.value, timeoutMs) : sent;
  yield* sys.print(reply.ok ? 'connected' : reply.error);
  return 0;
};

const programName = 'kernel-flow';

/** Gives what runs flows in a cluster; time passes there. Once for each cluster or fork. */
export function flowRunner(cluster: Cluster): (request: FlowRequest) => SimulatedFlow {
  const { net, processes } = cluster;
  processes.registerProgram(programName, program);
  const rootfs = processes.addRootfs([{ files: new Map([['/bin/flow', { program: programName }]]) }]);
  return ({ netns, protocol, address, port, timeoutMs }) => {
    const machine = netns.split('/')[0] ?? '';
    const argv = ['/bin/flow', protocol, address, String(port), String(timeoutMs)];
    const capture = net.startCapture();
    const pid = processes.spawn({ machine, netns, rootfs, argv, hostname: machine, foreground: true });
    if (!pid.ok) throw new Error(pid.error);
    cluster.runUntil(() => !processes.isRunning(pid.value), 60_000);
    const outcome = new TextDecoder().decode(processes.readOutput(pid.value, 'stdout', 0));
    processes.forget(pid.value);
    const packets = net.stopCapture(capture).filter(({ hops: [first] }) => {
      const header = first?.step === 'send' && first.at === netns ? first.header : undefined;
      return (
        header?.protocol === protocol && header.destination === address && header.destinationPort === port
      );
    });
    return resultOf(outcome, packets);
  };
}

function resultOf(outcome: string, packets: readonly PacketTrace[]): SimulatedFlow {
  const arrived = packets.find(
    ({ summary, verdict }) => /^(SYN|UDP)$/.test(summary) && verdict.kind === 'delivered',
  );
  if (outcome !== 'connected' || arrived?.verdict.kind !== 'delivered') return { outcome, packets };
  const { at, port } = arrived.verdict;
  return { outcome, at, port, source: lastHeader(arrived)?.source ?? '', packets };
}

function lastHeader({ hops }: PacketTrace): PacketHeader | undefined {
  return hops.flatMap((hop) => ('header' in hop && hop.header !== undefined ? [hop.header] : [])).at(-1);
}
