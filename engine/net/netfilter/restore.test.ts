import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderIptablesSave } from './render.ts';
import { restoreIptables } from './restore.ts';
import { formatRestoreError } from './restore-error.ts';
import { restoreIpset } from './sets/command.ts';
import { ipsetContext } from './sets/context.ts';
import { netfilterState } from './state.ts';

interface Refusals {
  readonly sets: string;
  readonly before: string;
  readonly refusals: readonly {
    readonly input: string;
    readonly stderr: string;
    readonly exitCode: number;
  }[];
}

function parseRefusals(): Refusals {
  return JSON.parse(readFileSync(new URL('./fixtures/refusals.json', import.meta.url), 'utf8'));
}

const { sets, before, refusals } = parseRefusals();

/** Source: the real tool, recorded by fixtures/record-refusals.py. */
describe('iptables-restore', () => {
  it.each(refusals)('refuses $input in the words of the real tool', ({ input, stderr, exitCode }) => {
    const state = netfilterState();
    restoreIpset(ipsetContext(state), sets);
    restoreIptables(state, before);
    const saved = renderIptablesSave(state);
    const result = restoreIptables(state, input, { noflush: true });
    expect(result.ok ? 'accepted' : formatRestoreError(result.error)).toEqual({ stderr, exitCode });
    expect(renderIptablesSave(state)).toBe(saved);
  });

  it('changes no table when a later one is refused', () => {
    const state = netfilterState();
    restoreIptables(state, before);
    const saved = renderIptablesSave(state);
    const text = '*nat\n-A u -j RETURN\nCOMMIT\n*filter\n-A f -j\nCOMMIT\n';
    expect(restoreIptables(state, text, { noflush: true }).ok).toBe(false);
    expect(renderIptablesSave(state)).toBe(saved);
  });

  it('empties the chains it names and keeps the others with --noflush', () => {
    const state = netfilterState();
    restoreIptables(state, '*nat\n:a - [0:0]\n:b - [0:0]\n-A a -j RETURN\n-A b -j RETURN\nCOMMIT\n');
    restoreIptables(state, '*nat\n:a - [0:0]\nCOMMIT\n', { noflush: true });
    expect(renderIptablesSave(state)).toBe(
      '*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n:a - [0:0]\n:b - [0:0]\n-A b -j RETURN\nCOMMIT\n',
    );
  });

  it('takes counters only with --counters', () => {
    const text =
      '*filter\n:INPUT DROP [7:8]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n[5:6] -A INPUT -j ACCEPT\nCOMMIT\n';
    const state = netfilterState();
    restoreIptables(state, text, { counters: true });
    expect(renderIptablesSave(state, { counters: true })).toBe(text);
    restoreIptables(state, text);
    expect(renderIptablesSave(state, { counters: true })).toBe(
      text.replace('[7:8]', '[0:0]').replace('[5:6]', '[0:0]'),
    );
  });

  it.each(['__proto__', 'constructor', 'toString'])('takes %s as a chain like any other', (name) => {
    const state = netfilterState();
    const text = `*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:${name} - [0:0]\n-A INPUT -j ${name}\nCOMMIT\n`;
    expect(restoreIptables(state, text).ok).toBe(true);
    expect(renderIptablesSave(state)).toBe(text);
  });
});
