import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { splitArguments } from '../../net/netfilter/parse-line.ts';
import { twoMachines } from '../testing/two-machines.ts';

interface Step {
  readonly line: string;
  readonly output: string;
}

/** A session as a terminal shows it: `$ COMMAND`, what it printed on both streams, `[exit N]` unless that is 0. */
function readSession(name: string): readonly Step[] {
  const text = readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8');
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const end = step.indexOf('\n');
      return { line: step.slice(0, end), output: step.slice(end + 1) };
    });
}

/** Without what the kernel takes by chance. */
function withoutChance(text: string): string {
  return text
    .replaceAll(/(?!00:00:00:00:00:00|ff:ff:ff:ff:ff:ff)[0-9a-f]{2}(?::[0-9a-f]{2}){5}/gi, 'MAC')
    .replaceAll(/initval 0x[0-9a-f]+/g, 'initval 0x0')
    .replaceAll(/(memory:) \d+/g, '$1 0');
}

/** Source: iptables 1.8.9 (nf_tables), busybox 1.35 and iproute2 6.1 on a Linux 6.18 kernel; see fixtures/README.md. */
describe.each([
  'iptables.txt',
  'iproute2.txt',
  'iproute2-rules.txt',
  'iproute2-show.txt',
  'ipset.txt',
  'busybox-net.txt',
])('%s', (name) => {
  it('goes as with the real tools', () => {
    const machines = twoMachines();
    for (const { line, output } of readSession(name)) {
      const { out, err, code } = machines.run('client', splitArguments(line));
      const printed = `${out}${err}${code === 0 ? '' : `[exit ${code}]\n`}`;
      expect(withoutChance(printed), line).toBe(withoutChance(output));
    }
  });
});

/** Source: such a session after these packets, in a namespace where neighbours were known for ever and IPv6 was off. */
it('counts what passed a link, as the real tools do', () => {
  const machines = twoMachines();
  machines.run('client', ['ping', '-c', '3', '-s', '1000', '10.0.0.1']);
  machines.run('client', ['ping', '-c', '1', '127.0.0.1']);
  for (const { line, output } of readSession('iproute2-statistics.txt')) {
    const { out, err } = machines.run('client', splitArguments(line));
    expect(withoutChance(`${out}${err}`), line).toBe(withoutChance(output));
  }
});
