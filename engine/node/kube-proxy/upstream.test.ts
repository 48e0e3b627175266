import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { EndpointSlice, Service } from '../../api/types/kinds.ts';
import { forkState } from '../../base/fork-state.ts';
import { Random } from '../../base/random.ts';
import { renderIptablesSave } from '../../net/netfilter/render.ts';
import { restoreIptables } from '../../net/netfilter/restore.ts';
import { type NetfilterState, netfilterState } from '../../net/netfilter/state.ts';
import { traverse } from '../../net/netfilter/traverse.ts';
import type { Packet } from '../../net/packet.ts';
import type { Hook, Hop, Protocol } from '../../net/trace.ts';
import { renderMissingJumps } from './jump-rules.ts';
import type { ProxyFacts } from './proxy-facts.ts';
import { renderProxyRules } from './testing/render-objects.ts';

/** Constants of upstream's tests. Source: pkg/proxy/iptables/proxier_test.go. */
const nodeIP = '192.168.0.2';
const facts: ProxyFacts = {
  nodeName: 'test-hostname',
  zone: '',
  nodeIP,
  clusterCIDR: '10.0.0.0/8',
  masqueradeMark: '0x4000',
  masqueradeAll: false,
  localhostNodePorts: true,
  randomFully: false,
};

interface Objects {
  readonly services: readonly Service[];
  readonly endpointSlices: readonly EndpointSlice[];
}

function fixture(name: string): string {
  return readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');
}

function parseObjects(text: string): Objects {
  return JSON.parse(text);
}

/** The order in which the recordings stand: by table, shared chains first, their rules by Service. */
function normalise(text: string): string {
  const shared = ['KUBE-NODEPORTS', 'KUBE-SERVICES'];
  const key = (line: string): string => {
    const [first = '', second = ''] = line.split(' ');
    if (first.startsWith('*')) return '0';
    const chain = first.startsWith(':') ? first.slice(1) : second;
    const rank = `${first.startsWith(':') ? 1 : 2} ${shared.includes(chain) ? 0 : 1} ${chain}`;
    const service = line.includes('must be the last') ? '~' : (/--comment "?([^ "]+)/.exec(line)?.[1] ?? '');
    return shared.includes(chain) ? `${rank} ${service}` : rank;
  };
  const tables = text.split('COMMIT\n').filter((table) => table !== '');
  return tables
    .sort()
    .map((table) => {
      const lines = table.split('\n').filter((line) => line !== '');
      const keyed = lines.map((line, index) => ({ line, key: key(line), index }));
      keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.index - b.index));
      return `${keyed.map(({ line }) => line).join('\n')}\nCOMMIT\n`;
    })
    .join('');
}

function load(text: string): NetfilterState {
  const state = netfilterState();
  const jumps = renderMissingJumps((table) => renderIptablesSave(state, { table }))
    .replaceAll(':KUBE-PROXY-CANARY - [0:0]\n', '')
    .replace('*mangle\nCOMMIT\n', '');
  for (const input of [jumps, text]) {
    expect(restoreIptables(state, input, { noflush: true })).toEqual({ ok: true, value: undefined });
  }
  return state;
}

const goldens = ['01-overall-multiple-services', '03-nodeport'];

/** Source: upstream's expectations of v1.28 to v1.30, and a real iptables 1.8.9 (legacy). */
describe.each(goldens)('%s', (name) => {
  it('comes out as upstream expects it', () => {
    const text = renderProxyRules({ facts, ...parseObjects(fixture(`${name}.json`)) });
    expect(normalise(text)).toBe(normalise(fixture(`${name}.restore.txt`)));
  });

  it('is printed back as the real iptables does', () => {
    const printed = renderIptablesSave(load(fixture(`${name}.restore.txt`)));
    const recorded = fixture(`${name}.save.txt`).replaceAll(/^#.*\n/gm, '');
    const sortTables = (text: string) => text.split('COMMIT\n').sort().join('COMMIT\n');
    expect(sortTables(printed)).toBe(sortTables(recorded));
  });
});

/** Takes given branches of `statistic --mode random`: a match for 0, none for 1, and matches after the last one given. */
class Branches extends Random {
  readonly taken: number[] = [];
  readonly #given: readonly number[];

  constructor(given: readonly number[]) {
    super({ counter: 0 });
    this.#given = given;
  }

  override uint32(): number {
    const branch = this.#given[this.taken.length] ?? 0;
    this.taken.push(branch);
    return branch === 0 ? 0 : 0x7fffffff;
  }
}

type Flow = readonly [string, string, string, string, number, string, boolean];

interface Outcome {
  readonly output: string;
  readonly masquerade: boolean;
}

/** Every way a flow can take, in the order of the rules. */
function explore(state: NetfilterState, flow: Flow): readonly [Outcome, readonly Hop[]][] {
  const found: [Outcome, readonly Hop[]][] = [];
  const open: number[][] = [[]];
  for (let given = open.pop(); given !== undefined; given = open.pop()) {
    const branches = new Branches(given);
    found.push(follow(forkState(state), flow, branches));
    for (let index = branches.taken.length - 1; index >= given.length; index -= 1) {
      open.unshift([...branches.taken.slice(0, index), 1]);
    }
  }
  return found;
}

function follow(state: NetfilterState, flow: Flow, random: Random): [Outcome, readonly Hop[]] {
  const hops: Hop[] = [];
  const [, source, protocol, destination, destinationPort] = flow;
  const packet: Packet = {
    id: 1,
    protocol: parseProtocol(protocol),
    source,
    sourcePort: 40000,
    destination,
    destinationPort,
    ttl: 64,
    mark: 0,
    tcp: { syn: true, ack: false, fin: false, rst: false, psh: false, sequence: 0, acknowledgement: 0 },
    payload: new Uint8Array(),
  };
  const at = (hook: Hook, current: Packet) =>
    traverse(state, current, {
      at: 'node',
      hook,
      inLink: 'eth0',
      isLocal: (address) => address === nodeIP || address.startsWith('127.'),
      linkAddress: () => nodeIP,
      nowMs: 0,
      random,
      maxRules: 1000,
      isRecording: true,
      record: (hop) => hops.push(hop),
    });
  const outcome = (output: string): [Outcome, readonly Hop[]] => {
    const masquerade = hops.some((hop) => hop.step === 'rule' && hop.rule.chain === 'KUBE-MARK-MASQ');
    return [{ output, masquerade }, hops];
  };
  const first = at('PREROUTING', packet);
  if (first.verdict !== 'accept') return outcome(first.verdict.toUpperCase());
  const isLocal = first.packet.destination === nodeIP;
  const second = at(isLocal ? 'INPUT' : 'FORWARD', first.packet);
  if (second.verdict !== 'accept') return outcome(second.verdict.toUpperCase());
  const isTranslated = first.packet.destination !== destination;
  return outcome(isTranslated ? `${first.packet.destination}:${first.packet.destinationPort}` : '');
}

function parseProtocol(text: string): Protocol {
  const name = text.toLowerCase();
  return name === 'udp' || name === 'sctp' ? name : 'tcp';
}

interface FlowTest {
  readonly test: string;
  readonly golden?: string;
  readonly objects?: Objects;
  readonly services?: readonly SimpleService[];
  readonly endpointSlices?: readonly SimpleSlice[];
  readonly flows: readonly Flow[];
}

interface SimpleService {
  readonly ns: string;
  readonly name: string;
  readonly type: string;
  readonly clusterIP: string;
  readonly ports: readonly {
    readonly name: string;
    readonly protocol: string;
    readonly port: number;
    readonly nodePort?: number;
  }[];
}

interface SimpleSlice {
  readonly ns: string;
  readonly service: string;
  readonly endpoints: readonly { readonly ip: string; readonly node?: string }[];
  readonly ports: readonly { readonly name: string; readonly port: number; readonly protocol: string }[];
}

function parseFlowTests(): readonly FlowTest[] {
  return ['flows.json', 'more-flows.json'].flatMap((name) => {
    const { tests }: { tests: readonly FlowTest[] } = JSON.parse(fixture(name));
    return tests;
  });
}

function rulesOf(test: FlowTest): string {
  if (test.objects !== undefined) return renderProxyRules({ facts, ...test.objects });
  if (test.services === undefined || test.endpointSlices === undefined) {
    return fixture('01-overall-multiple-services.restore.txt');
  }
  const meta = (namespace: string, name: string) => ({
    namespace,
    name,
    uid: name,
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  });
  const services = test.services.map(({ ns, name, ...spec }) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: meta(ns, name),
    spec,
  }));
  const endpointSlices = test.endpointSlices.map(({ ns, service, endpoints, ports }) => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...meta(ns, `${service}-1`), labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    endpoints: endpoints.map(({ ip, node }) => ({
      addresses: [ip],
      ...(node === undefined ? {} : { nodeName: node }),
    })),
    ports,
  }));
  return renderProxyRules({ facts, services, endpointSlices });
}

/** Source: the packet flow tests of pkg/proxy/iptables/proxier_test.go, as data in fixtures/flows.json and more-flows.json. */
describe.each(parseFlowTests().map((test) => [test.test, test] as const))('%s', (_name, test) => {
  const state = load(rulesOf(test));

  it.each(test.flows)('%s: %s to %s %s:%s', (...flow) => {
    const ways = explore(state, flow);
    const outputs = [...new Set(ways.map(([{ output }]) => output))].filter((output) => output !== '');
    const [, , , , , output, masquerade] = flow;
    const rules = ways.flatMap(([, hops]) =>
      hops.map((hop) => (hop.step === 'rule' ? hop.rule.text : hop.step)),
    );
    expect({ output: outputs.join(', ').replace('REJECTED', 'REJECT'), rules }).toMatchObject({ output });
    expect(ways.some(([way]) => way.masquerade)).toBe(masquerade);
  });
});
