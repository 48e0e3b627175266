import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { EndpointSlice, Service } from '../../api/types/kinds.ts';
import { renderIptablesSave } from '../../net/netfilter/render.ts';
import { restoreIptables } from '../../net/netfilter/restore.ts';
import { type NetfilterState, netfilterState } from '../../net/netfilter/state.ts';
import { existingChains, renderMissingJumps } from './jump-rules.ts';
import type { ProxyFacts } from './proxy-facts.ts';
import { renderProxyRules } from './testing/render-objects.ts';

interface Objects {
  readonly services: readonly Service[];
  readonly endpointSlices: readonly EndpointSlice[];
}

interface Situation extends Objects {
  readonly nodeName: string;
  readonly nodeIP: string;
  readonly clusterCIDR: string;
  readonly localhostNodePorts: boolean;
  readonly masqueradeAll: boolean;
  readonly topologyLabels?: Readonly<Record<string, string>>;
  readonly then?: Objects;
}

const folder = new URL('./fixtures/situations/', import.meta.url);
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -'.json'.length));
const changes = names.filter((name) => parseSituation(name).then !== undefined);

function fixture(name: string): string {
  return readFileSync(new URL(name, folder), 'utf8');
}

/** The recorded situations are written in this project's own shape, so they are only given a type. */
function parseSituation(name: string): Situation {
  return JSON.parse(fixture(`${name}.json`));
}

function factsOf(situation: Situation): ProxyFacts {
  const { nodeName, nodeIP, clusterCIDR, localhostNodePorts, masqueradeAll } = situation;
  return {
    nodeName,
    zone: situation.topologyLabels?.['topology.kubernetes.io/zone'] ?? '',
    nodeIP,
    clusterCIDR,
    masqueradeMark: '0x00004000',
    masqueradeAll,
    localhostNodePorts,
    randomFully: true,
  };
}

/** Chains whose rules are those of all Services, which the real kube-proxy takes in an order of chance. */
const sharedChains = ['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-EXTERNAL-SERVICES', 'KUBE-PROXY-FIREWALL'];

/** The lines of a table in an order that does not depend on that of the Services. */
function inStableOrder(text: string): string {
  return text
    .split('COMMIT\n')
    .map((table) => {
      const lines = table.split('\n').filter((line) => line !== '');
      const keys = new Map(
        lines.map((line, index) => [line, `${sortKey(line)} ${String(index).padStart(5, '0')}`]),
      );
      return lines.sort((a, b) => ((keys.get(a) ?? '') < (keys.get(b) ?? '') ? -1 : 1)).join('\n');
    })
    .join('\nCOMMIT\n');
}

function sortKey(line: string): string {
  const [first = '', chain = ''] = line.split(' ');
  if (first.startsWith(':')) return `1 ${first}`;
  if (first !== '-A') return first.startsWith('*') ? '0' : `3 ${line}`;
  const service = /--comment "?([^ "]+)/.exec(line)?.[1] ?? '';
  const isLast = line.includes('must be the last rule');
  return sharedChains.includes(chain) ? `2 ${chain} ${isLast ? '~' : service}` : `2 ${chain}`;
}

function load(state: NetfilterState, text: string): void {
  expect(restoreIptables(state, text, { noflush: true, counters: true })).toEqual({
    ok: true,
    value: undefined,
  });
}

function loadJumps(state: NetfilterState): void {
  load(
    state,
    renderMissingJumps((table) => renderIptablesSave(state, { table })),
  );
}

/** Source: a real Proxier of Kubernetes v1.36.0 and a real iptables v1.8.9; see fixtures/record/README.md. */
describe.each(names)('%s', (name) => {
  it('is written as the real kube-proxy writes it', () => {
    const situation = parseSituation(name);
    const text = renderProxyRules({ facts: factsOf(situation), ...situation });
    expect(inStableOrder(text)).toBe(inStableOrder(fixture(`${name}.restore.txt`)));
  });

  it('is printed back by iptables-save as the real one does', () => {
    const state = netfilterState();
    loadJumps(state);
    load(state, fixture(`${name}.restore.txt`));
    expect(renderIptablesSave(state)).toBe(fixture(`${name}.save.txt`));
  });
});

describe.each(changes)('%s: what changed', (name) => {
  const situation = parseSituation(name);

  it('is written as the real kube-proxy writes it', () => {
    const after = situation.then ?? situation;
    const text = renderProxyRules({
      facts: factsOf(situation),
      ...after,
      existingChains: existingChains(fixture(`${name}.restore.txt`).split('\n')),
      changed: new Set(['default/web']),
    });
    expect(inStableOrder(text)).toBe(inStableOrder(fixture(`${name}.then.restore.txt`)));
  });

  it('leaves the tables as the real tools leave them', () => {
    const state = netfilterState();
    loadJumps(state);
    load(state, fixture(`${name}.restore.txt`));
    load(state, fixture(`${name}.then.restore.txt`));
    expect(renderIptablesSave(state)).toBe(fixture(`${name}.then.save.txt`));
  });
});

it('makes no jump rule twice', () => {
  const state = netfilterState();
  loadJumps(state);
  expect(renderMissingJumps((table) => renderIptablesSave(state, { table }))).toBe('');
});
