import { describe, expect, it } from 'vitest';
import { forkState } from '../../base/fork-state.ts';
import { Random } from '../../base/random.ts';
import type { IcmpMessage, Packet, TcpHeader } from '../packet.ts';
import type { Hook, Hop, PacketHeader } from '../trace.ts';
import { renderConntrackLines } from './conntrack/list.ts';
import type { HookContext, HookResult } from './netfilter.ts';
import { renderIptablesSave } from './render.ts';
import { restoreIptables } from './restore.ts';
import { restoreIpset, runIpset } from './sets/command.ts';
import { ipsetContext } from './sets/context.ts';
import { type NetfilterState, netfilterState } from './state.ts';
import { traverse } from './traverse.ts';

const self = '192.168.0.1';

/** A router with the address 192.168.0.1 on `eth0`, as far as netfilter sees it. */
class Router {
  readonly state: NetfilterState;
  readonly hops: Hop[] = [];
  nowMs = 0;
  #nextId = 1;
  readonly #random = new Random({ counter: 1 });

  constructor(rules: string, state: NetfilterState = netfilterState()) {
    this.state = state;
    if (rules !== '') expect(restoreIptables(state, rules)).toEqual({ ok: true, value: undefined });
  }

  at(hook: Hook, packet: Packet, context: Partial<HookContext> = {}): HookResult {
    return traverse(this.state, packet, {
      at: 'router',
      hook,
      ...(hook === 'OUTPUT' || hook === 'POSTROUTING' ? { outLink: 'eth0' } : { inLink: 'eth0' }),
      isLocal: (address) => address === self || address.startsWith('127.'),
      linkAddress: () => self,
      nowMs: this.nowMs,
      random: this.#random,
      maxRules: 1000,
      isRecording: true,
      record: (hop) => this.hops.push(hop),
      ...context,
    });
  }

  /** Takes a packet through hooks until one keeps it; returns it as it is then, or the verdict. */
  pass(hooks: readonly Hook[], packet: Packet): Packet | Exclude<HookResult['verdict'], 'accept'> {
    let current = packet;
    for (const hook of hooks) {
      const result = this.at(hook, current);
      if (result.verdict !== 'accept') return result.verdict;
      current = result.packet;
    }
    return current;
  }

  forward(text: string, options: PacketOptions = {}): string {
    return show(this.pass(['PREROUTING', 'FORWARD', 'POSTROUTING'], this.packet(text, options)));
  }

  deliver(text: string, options: PacketOptions = {}): string {
    return show(this.pass(['PREROUTING', 'INPUT'], this.packet(text, options)));
  }

  send(text: string, options: PacketOptions = {}): string {
    return show(this.pass(['OUTPUT', 'POSTROUTING'], this.packet(text, options)));
  }

  /** `tcp 10.0.0.1:1000 > 10.0.0.2:80`. */
  packet(text: string, options: PacketOptions = {}): Packet {
    this.#nextId += 1;
    const header = parseHeader(text);
    return Object.freeze({
      ...header,
      id: this.#nextId,
      ttl: 64,
      mark: 0,
      payload: new Uint8Array(),
      ...(header.protocol === 'tcp' ? { tcp: { ...syn, ...options.tcp } } : {}),
      ...(options.icmp === undefined ? {} : { icmp: options.icmp }),
    });
  }
}

interface PacketOptions {
  readonly tcp?: Partial<TcpHeader>;
  readonly icmp?: IcmpMessage;
}

const syn: TcpHeader = {
  syn: true,
  ack: false,
  fin: false,
  rst: false,
  psh: false,
  sequence: 0,
  acknowledgement: 0,
};
const synAck = { tcp: { syn: true, ack: true } };
const ack = { tcp: { syn: false, ack: true } };
const fin = { tcp: { syn: false, ack: true, fin: true } };
const rst = { tcp: { syn: false, rst: true } };

function parseHeader(text: string): PacketHeader {
  const parts = /^(\w+) ([\d.]+)(?::(\d+))? > ([\d.]+)(?::(\d+))?$/.exec(text);
  const [, name, source = '', sourcePort = '0', destination = '', destinationPort = '0'] = parts ?? [];
  const protocol = name === 'udp' || name === 'icmp' || name === 'sctp' ? name : 'tcp';
  return {
    protocol,
    source,
    sourcePort: Number(sourcePort),
    destination,
    destinationPort: Number(destinationPort),
  };
}

function show(packet: Packet | string): string {
  if (typeof packet === 'string') return packet;
  const { source, sourcePort, destination, destinationPort } = packet;
  return `${source}:${sourcePort} > ${destination}:${destinationPort}`;
}

const client = '10.0.0.9';
const service = '10.96.0.50';
const pod = '10.244.1.5';
const dnat = `*nat\n-A PREROUTING -d ${service}/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination ${pod}:8080\n-A OUTPUT -d ${service}/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination ${pod}:8080\nCOMMIT\n`;
const masquerade = '*nat\n-A POSTROUTING -s 10.0.0.0/8 ! -d 10.0.0.0/8 -j MASQUERADE\nCOMMIT\n';

/** Source: packet flow and NAT rules of Linux netfilter; see the heads of traverse.ts and conntrack/nat.ts. */
describe('destination NAT', () => {
  it('is undone for replies where the source is written', () => {
    const router = new Router(dnat);
    expect(router.forward(`tcp ${client}:1000 > ${service}:80`)).toBe(`${client}:1000 > ${pod}:8080`);
    expect(router.forward(`tcp ${pod}:8080 > ${client}:1000`, synAck)).toBe(`${service}:80 > ${client}:1000`);
    expect(router.hops.map((hop) => (hop.step === 'rule' ? hop.action : hop.step))).toEqual([
      `DNAT to ${pod}:8080`,
      'nat',
    ]);
    expect(router.hops[1]).toMatchObject({ header: { source: service, sourcePort: 80 } });
  });

  it('is undone at INPUT for connections of the machine itself', () => {
    const router = new Router(dnat);
    expect(router.send(`tcp ${self}:1000 > ${service}:80`)).toBe(`${self}:1000 > ${pod}:8080`);
    expect(router.deliver(`tcp ${pod}:8080 > ${self}:1000`, synAck)).toBe(`${service}:80 > ${self}:1000`);
  });

  it('holds for a connection when the rules change', () => {
    const router = new Router(dnat);
    router.forward(`tcp ${client}:1000 > ${service}:80`);
    router.forward(`tcp ${pod}:8080 > ${client}:1000`, synAck);
    restoreIptables(router.state, dnat.replaceAll(pod, '10.244.1.6'));
    expect(router.forward(`tcp ${client}:1000 > ${service}:80`, ack)).toBe(`${client}:1000 > ${pod}:8080`);
    expect(router.forward(`tcp ${client}:1001 > ${service}:80`)).toBe(`${client}:1001 > 10.244.1.6:8080`);
  });

  it('asks the nat table once for a connection', () => {
    const router = new Router(dnat);
    router.forward(`tcp ${client}:1000 > ${service}:80`);
    router.forward(`tcp ${client}:1000 > ${service}:80`);
    router.forward(`tcp ${client}:1000 > ${service}:80`, ack);
    expect(renderIptablesSave(router.state, { counters: true })).toContain('[1:40] -A PREROUTING');
  });

  it('is undone in the header that an ICMP error quotes', () => {
    const router = new Router(dnat.replaceAll('tcp', 'udp'));
    expect(router.forward(`udp ${client}:1000 > ${service}:80`)).toBe(`${client}:1000 > ${pod}:8080`);
    const quoted = parseHeader(`udp ${client}:1000 > ${pod}:8080`);
    const icmp: IcmpMessage = { type: 'destination-unreachable', code: 'port', quoted };
    const error = router.pass(
      ['PREROUTING', 'FORWARD', 'POSTROUTING'],
      router.packet(`icmp ${pod} > ${client}`, { icmp }),
    );
    expect(error).toMatchObject({
      source: service,
      destination: client,
      icmp: { quoted: { source: client, sourcePort: 1000, destination: service, destinationPort: 80 } },
    });
  });
});

describe('source NAT', () => {
  it('keeps the source port where it is free, and takes another where it is not', () => {
    const router = new Router(masquerade);
    expect(router.forward(`tcp ${client}:1000 > 1.1.1.1:80`)).toBe(`${self}:1000 > 1.1.1.1:80`);
    const second = router.forward('tcp 10.0.0.8:1000 > 1.1.1.1:80');
    expect(second).toMatch(/^192\.168\.0\.1:\d+ > 1\.1\.1\.1:80$/);
    expect(second).not.toBe(`${self}:1000 > 1.1.1.1:80`);
    expect(router.forward('tcp 10.0.0.8:1000 > 1.1.1.2:80')).toBe(`${self}:1000 > 1.1.1.2:80`);
  });

  it('is undone for replies before they are routed', () => {
    const router = new Router(masquerade);
    router.forward(`tcp ${client}:1000 > 1.1.1.1:80`);
    expect(show(router.pass(['PREROUTING'], router.packet(`tcp 1.1.1.1:80 > ${self}:1000`, synAck)))).toBe(
      `1.1.1.1:80 > ${client}:1000`,
    );
  });

  it('takes any port with --random-fully', () => {
    const router = new Router(masquerade.replace('MASQUERADE', 'MASQUERADE --random-fully'));
    expect(router.forward(`tcp ${client}:40000 > 1.1.1.1:80`)).not.toBe(`${self}:40000 > 1.1.1.1:80`);
  });

  it('gives pings that clash different identifiers', () => {
    const router = new Router(masquerade);
    const icmp: IcmpMessage = { type: 'echo-request', identifier: 7, sequence: 1 };
    const hooks: readonly Hook[] = ['PREROUTING', 'FORWARD', 'POSTROUTING'];
    const first = router.pass(hooks, router.packet(`icmp ${client} > 1.1.1.1`, { icmp }));
    const second = router.pass(hooks, router.packet('icmp 10.0.0.8 > 1.1.1.1', { icmp }));
    expect(first).toMatchObject({ source: self, icmp: { identifier: 7 } });
    expect(second).toMatchObject({ source: self, icmp: { identifier: expect.any(Number) } });
    expect(second).not.toMatchObject({ icmp: { identifier: 7 } });
    const reply = typeof second === 'string' ? undefined : second.icmp;
    const identifier = reply !== undefined && 'identifier' in reply ? reply.identifier : 0;
    const answer: IcmpMessage = { type: 'echo-reply', identifier, sequence: 1 };
    expect(
      router.pass(['PREROUTING'], router.packet(`icmp 1.1.1.1 > ${self}`, { icmp: answer })),
    ).toMatchObject({ destination: '10.0.0.8', icmp: { identifier: 7 } });
  });

  /** Source: netmap_tg in Linux net/netfilter/xt_NETMAP.c. */
  it('moves an address to its place in another network, each end where it belongs, and back', () => {
    const router = new Router(
      '*nat\n-A PREROUTING -d 192.168.7.0/24 -j NETMAP --to 10.5.6.0/24\n-A POSTROUTING -s 10.8.0.0/16 -j NETMAP --to 172.31.0.0/16\nCOMMIT\n',
    );
    expect(router.forward('tcp 10.8.3.4:1000 > 192.168.7.9:80')).toBe('172.31.3.4:1000 > 10.5.6.9:80');
    expect(router.forward('tcp 10.5.6.9:80 > 172.31.3.4:1000', synAck)).toBe(
      '192.168.7.9:80 > 10.8.3.4:1000',
    );
    expect(router.hops.map((hop) => (hop.step === 'rule' ? hop.action : hop.step)).slice(0, 2)).toEqual([
      'NETMAP to 10.5.6.9:80',
      'NETMAP to 172.31.3.4:1000',
    ]);
  });

  it('keeps two connections apart that destination NAT would make equal', () => {
    const router = new Router(
      `*nat\n-A PREROUTING -d ${service}/32 -p tcp -j DNAT --to-destination ${pod}:80\n-A PREROUTING -d 10.96.0.51/32 -p tcp -j DNAT --to-destination ${pod}:80\nCOMMIT\n`,
    );
    expect(router.forward(`tcp ${client}:1000 > ${service}:80`)).toBe(`${client}:1000 > ${pod}:80`);
    expect(router.forward(`tcp ${client}:1000 > 10.96.0.51:80`)).not.toBe(`${client}:1000 > ${pod}:80`);
  });
});

const stateful =
  '*filter\n:FORWARD DROP [0:0]\n-A FORWARD -m conntrack --ctstate INVALID -j REJECT\n-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A FORWARD -s 10.0.0.0/8 -m conntrack --ctstate NEW -j ACCEPT\nCOMMIT\n';
const open = `tcp ${client}:1000 > 1.1.1.1:80`;
const back = `tcp 1.1.1.1:80 > ${client}:1000`;

describe('connection states', () => {
  it('lets in replies only', () => {
    const router = new Router(stateful);
    expect(router.forward(back)).toBe('drop');
    expect(router.forward(open)).toBe(`${client}:1000 > 1.1.1.1:80`);
    expect(router.forward(back, synAck)).toBe(`1.1.1.1:80 > ${client}:1000`);
    expect(router.hops).toContainEqual({
      step: 'policy',
      at: 'router',
      hook: 'FORWARD',
      table: 'filter',
      policy: 'DROP',
    });
  });

  it.each([
    ['a SYN-ACK', synAck],
    ['a FIN', fin],
    ['a RST', rst],
  ])('calls %s that nobody asked for INVALID', (_name, options) => {
    expect(new Router(stateful).forward(open, options)).toBe('reject');
  });

  it('takes up a connection in midstream', () => {
    expect(new Router(stateful).forward(open, ack)).toBe(`${client}:1000 > 1.1.1.1:80`);
  });

  it('forgets a connection when its time has run out', () => {
    const router = new Router(stateful);
    router.forward(open);
    router.nowMs = 119_000;
    expect(router.forward(back, synAck)).toBe(`1.1.1.1:80 > ${client}:1000`);
    router.nowMs += 61_000;
    expect(router.forward(back, synAck)).toBe('reject');
  });

  it('follows a TCP connection to its end', () => {
    const router = new Router(stateful);
    const states: (string | undefined)[] = [];
    const note = () =>
      states.push(renderConntrackLines(router.state.conntrack, router.nowMs)[0]?.split(' ')[8]);
    for (const [text, options] of [
      [open, {}],
      [back, synAck],
      [open, ack],
      [open, fin],
      [back, ack],
      [back, fin],
      [open, ack],
    ] as const) {
      router.forward(text, options);
      note();
    }
    expect(states).toEqual([
      'SYN_SENT',
      'SYN_RECV',
      'ESTABLISHED',
      'FIN_WAIT',
      'CLOSE_WAIT',
      'LAST_ACK',
      'TIME_WAIT',
    ]);
    expect(router.forward(open)).toBe(`${client}:1000 > 1.1.1.1:80`);
  });

  it('tracks nothing for which NOTRACK was said', () => {
    const router = new Router(
      '*raw\n-A PREROUTING -j NOTRACK\nCOMMIT\n*filter\n-A FORWARD -m conntrack --ctstate UNTRACKED -j ACCEPT\n-A FORWARD -j DROP\nCOMMIT\n',
    );
    expect(router.forward(open)).toBe(`${client}:1000 > 1.1.1.1:80`);
    expect(renderConntrackLines(router.state.conntrack, 0)).toEqual([]);
  });

  it('does not keep a connection whose first packet was dropped', () => {
    const router = new Router('*filter\n-A FORWARD -j DROP\nCOMMIT\n');
    expect(router.forward(open)).toBe('drop');
    expect(renderConntrackLines(router.state.conntrack, 0)).toEqual([]);
  });

  it('keeps the connection of a packet over the loopback', () => {
    const router = new Router(
      '*nat\n-A OUTPUT -d 127.0.0.1/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 127.0.0.1:8080\nCOMMIT\n*filter\n-A INPUT -m conntrack --ctstate NEW,DNAT -j ACCEPT\n-A INPUT -j DROP\nCOMMIT\n',
    );
    let packet = router.packet('tcp 127.0.0.1:1000 > 127.0.0.1:80');
    for (const hook of ['OUTPUT', 'POSTROUTING', 'PREROUTING', 'INPUT'] as const) {
      const links = hook === 'OUTPUT' || hook === 'POSTROUTING' ? { outLink: 'lo' } : { inLink: 'lo' };
      const result = router.at(hook, packet, links);
      expect(result.verdict).toBe('accept');
      if (result.verdict === 'accept') packet = result.packet;
    }
    expect(show(packet)).toBe('127.0.0.1:1000 > 127.0.0.1:8080');
    expect(router.state.conntrack.inFlight.size).toBe(0);
  });

  // Source: notrack_tg in Linux net/netfilter/xt_CT.c; a Linux 6.18 kernel, asked by `npm run test:kernel`.
  it('is not taken from a packet over the loopback that has it already', () => {
    const router = new Router(
      '*raw\n-A PREROUTING -j NOTRACK\nCOMMIT\n*filter\n-A INPUT -m conntrack --ctstate NEW -j ACCEPT\n-A INPUT -j DROP\nCOMMIT\n',
    );
    const packet = router.packet('tcp 127.0.0.1:1000 > 127.0.0.1:80');
    for (const hook of ['OUTPUT', 'POSTROUTING'] as const) router.at(hook, packet, { outLink: 'lo' });
    const verdicts = (['PREROUTING', 'INPUT'] as const).map((hook) =>
      router.at(hook, packet, { inLink: 'lo' }),
    );
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['accept', 'accept']);
  });

  it('is listed as conntrack -L lists it', () => {
    const router = new Router(dnat);
    router.forward(`tcp ${client}:1000 > ${service}:80`);
    router.forward(`udp ${client}:1000 > ${service}:53`);
    expect(renderConntrackLines(router.state.conntrack, 1000)).toEqual([
      `tcp      6 119 SYN_SENT src=${client} dst=${service} sport=1000 dport=80 [UNREPLIED] src=${pod} dst=${client} sport=8080 dport=1000 mark=0 use=1`,
      `udp      17 29 src=${client} dst=${service} sport=1000 dport=53 [UNREPLIED] src=${service} dst=${client} sport=53 dport=1000 mark=0 use=1`,
    ]);
  });
});

describe('rules', () => {
  it('returns from a jump to the next rule, and from a goto to the caller of the chain', () => {
    const rules = (jump: string) =>
      `*filter\n:a - [0:0]\n:b - [0:0]\n-A FORWARD -j a\n-A FORWARD -j ACCEPT\n-A a ${jump} b\n-A a -j DROP\n-A b -j RETURN\nCOMMIT\n`;
    expect(new Router(rules('-j')).forward(open)).toBe('drop');
    expect(new Router(rules('-g')).forward(open)).toBe(`${client}:1000 > 1.1.1.1:80`);
  });

  it('names the rule that ends a packet', () => {
    const router = new Router(
      '*filter\n-A FORWARD -j LOG\n-A FORWARD -p tcp -j REJECT --reject-with tcp-reset\nCOMMIT\n',
    );
    const result = router.at('FORWARD', router.packet(open));
    expect(result).toMatchObject({
      verdict: 'reject',
      with: 'tcp-reset',
      rule: { chain: 'FORWARD', number: 2 },
    });
    expect(result.verdict === 'reject' && result.rule.text).toBe(
      '-A FORWARD -p tcp -j REJECT --reject-with tcp-reset',
    );
  });

  it('remembers clients with recent until their time is over', () => {
    const router = new Router(
      '*filter\n-A FORWARD -m recent --rcheck --seconds 60 --reap --name seen -j DROP\n-A FORWARD -m recent --set --name seen -j ACCEPT\nCOMMIT\n',
    );
    expect(router.forward(open)).not.toBe('drop');
    router.nowMs = 60_000;
    expect(router.forward(open)).toBe('drop');
    router.nowMs = 60_001;
    expect(router.forward(open)).not.toBe('drop');
  });

  it('lets as many packets pass as limit says', () => {
    const router = new Router(
      '*filter\n-A FORWARD -m limit --limit 1/sec --limit-burst 2 -j ACCEPT\n-A FORWARD -j DROP\nCOMMIT\n',
    );
    const tries = () => [1, 2, 3].map(() => router.forward(open) !== 'drop');
    expect(tries()).toEqual([true, true, false]);
    router.nowMs = 1000;
    expect(tries()).toEqual([true, false, false]);
  });

  it.each([
    [0, [true, false, false, true]],
    [1, [false, true, false, false]],
    [2, [false, false, true, false]],
  ])('counts with statistic --mode nth --packet %i', (packet, want) => {
    const router = new Router(
      `*filter\n-A FORWARD -m statistic --mode nth --every 3 --packet ${packet} -j ACCEPT\n-A FORWARD -j DROP\nCOMMIT\n`,
    );
    expect(want.map(() => router.forward(open) !== 'drop')).toEqual(want);
  });

  it('ends a packet that meets more rules than the limit', () => {
    const chains = Array.from({ length: 12 }, (_, index) => `c${index}`);
    const jumps = chains
      .slice(1)
      .flatMap((chain, index) => [`-A c${index} -j ${chain}`, `-A c${index} -j ${chain}`]);
    const text = `*filter\n${chains.map((chain) => `:${chain} - [0:0]\n`).join('')}-A FORWARD -j c0\n${jumps.join('\n')}\nCOMMIT\n`;
    expect(new Router(text).forward(open)).toBe('drop');
  });

  it('have packets put themselves into sets, and take themselves off', () => {
    const state = netfilterState();
    restoreIpset(
      ipsetContext(state),
      'create seen hash:ip\ncreate pairs hash:ip,port\ncreate all list:set\nadd all seen\n',
    );
    const router = new Router(
      '*filter\n-A FORWARD -p udp -j SET --del-set seen src\n-A FORWARD -m set --match-set seen src -j DROP\n-A FORWARD -p tcp -j SET --add-set all src\n-A FORWARD -j SET --add-set pairs dst,dst\nCOMMIT\n',
      state,
    );
    const fork = new Router('', forkState(state));
    expect(router.forward(`tcp ${client}:1000 > ${service}:80`)).toBe(`${client}:1000 > ${service}:80`);
    expect(router.forward(`tcp ${client}:1001 > ${service}:80`)).toBe('drop');
    const members = (name: string) => [...(state.memory.sets.get(name)?.members.keys() ?? [])];
    expect([members('seen'), members('pairs')]).toEqual([[client], [`${service},tcp:80`]]);
    expect(router.forward(`udp ${client}:1000 > ${service}:53`)).toBe(`${client}:1000 > ${service}:53`);
    expect(members('seen')).toEqual([]);
    expect(fork.state.memory.sets.get('pairs')?.members.size).toBe(0);
    const { stderr } = runIpset(ipsetContext(state), ['destroy', 'pairs']);
    expect(stderr).toContain('in use by a kernel component');
  });

  it('are shared by forks, which go their own way from there', () => {
    const router = new Router(dnat);
    const fork = new Router('', forkState(router.state));
    fork.forward(`tcp ${client}:1000 > ${service}:80`);
    expect(renderConntrackLines(router.state.conntrack, 0)).toEqual([]);
    expect(fork.state.tables.get('nat')?.builtin).toBe(router.state.tables.get('nat')?.builtin);
    restoreIptables(fork.state, '*nat\n:NEW - [0:0]\nCOMMIT\n', { noflush: true });
    expect(renderIptablesSave(router.state)).not.toContain('NEW');
  });
});
