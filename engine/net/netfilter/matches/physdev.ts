/** `-m physdev`: the ports of the bridge that a packet came in over and goes out over. */
import type { Extension, OptionValues } from '../extension.ts';
import { type LinkTest, matchesLink } from '../header-tests.ts';
import type { PacketView } from '../view.ts';

/** What a rule holds of it: every test that is present has to be passed. */
export interface PhysdevMatch {
  readonly kind: 'physdev';
  readonly inPort?: LinkTest;
  readonly outPort?: LinkTest;
  /** `true` for the flag itself, `false` for the flag after `!`. */
  readonly isIn?: boolean;
  readonly isOut?: boolean;
  readonly isBridged?: boolean;
}

/** How `-m physdev` is read. */
export const physdevExtension: Extension<PhysdevMatch> = {
  name: 'physdev',
  options: [
    { name: '--physdev-in', invertible: true },
    { name: '--physdev-out', invertible: true },
    { name: '--physdev-is-in', flag: true, invertible: true },
    { name: '--physdev-is-out', flag: true, invertible: true },
    { name: '--physdev-is-bridged', flag: true, invertible: true },
  ],
  build: (values) => {
    const inPort = readPort(values, '--physdev-in');
    const outPort = readPort(values, '--physdev-out');
    const isIn = readFlag(values, '--physdev-is-in');
    const isOut = readFlag(values, '--physdev-is-out');
    const isBridged = readFlag(values, '--physdev-is-bridged');
    const match: PhysdevMatch = {
      kind: 'physdev',
      ...(inPort === undefined ? {} : { inPort }),
      ...(outPort === undefined ? {} : { outPort }),
      ...(isIn === undefined ? {} : { isIn }),
      ...(isOut === undefined ? {} : { isOut }),
      ...(isBridged === undefined ? {} : { isBridged }),
    };
    if (Object.keys(match).length === 1) values.failAtEnd('PHYSDEV: no physdev option specified');
    return Object.freeze(match);
  },
};

function readPort(values: OptionValues, name: string): LinkTest | undefined {
  const text = values.text(name);
  return text === undefined ? undefined : Object.freeze({ name: text, negated: values.isNegated(name) });
}

function readFlag(values: OptionValues, name: string): boolean | undefined {
  return values.has(name) ? !values.isNegated(name) : undefined;
}

/** Its options as `iptables-save` prints them, with a space before each. */
export function savePhysdev(match: PhysdevMatch): string {
  return (
    saveFlag('--physdev-is-in', match.isIn) +
    savePort('--physdev-in', match.inPort) +
    saveFlag('--physdev-is-out', match.isOut) +
    savePort('--physdev-out', match.outPort) +
    saveFlag('--physdev-is-bridged', match.isBridged)
  );
}

function saveFlag(option: string, value: boolean | undefined): string {
  return value === undefined ? '' : `${value ? '' : ' !'} ${option}`;
}

function savePort(option: string, test: LinkTest | undefined): string {
  return test === undefined ? '' : `${test.negated ? ' !' : ''} ${option} ${test.name}`;
}

/** As `iptables -L` shows it. */
export function listPhysdev(match: PhysdevMatch): string {
  return `PHYSDEV match${savePhysdev(match)}`;
}

/** Whether the packet passes the test. */
export function matchesPhysdev(match: PhysdevMatch, view: PacketView): boolean {
  const { inPort, outPort } = view.context;
  const isBridged = inPort !== undefined && outPort !== undefined;
  return (
    (match.isIn === undefined || (inPort !== undefined) === match.isIn) &&
    (match.isOut === undefined || (outPort !== undefined) === match.isOut) &&
    (match.isBridged === undefined || isBridged === match.isBridged) &&
    (match.inPort === undefined || matchesLink(match.inPort, inPort)) &&
    (match.outPort === undefined || matchesLink(match.outPort, outPort))
  );
}
