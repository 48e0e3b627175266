import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { EndpointSlice, Service } from '../../api/types/kinds.ts';
import { renderIptablesSave } from '../../net/netfilter/render.ts';
import { restoreIptables } from '../../net/netfilter/restore.ts';
import { type NetfilterState, netfilterState } from '../../net/netfilter/state.ts';
import { existingChains, renderMissingJumps } from './jump-rules.ts';
import type { ProxyFacts } from './proxy-facts.ts';
import { renderProxyRules } from './testing/render-objects.ts';
import { inStableOrder } from './testing/stable-order.ts';

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
