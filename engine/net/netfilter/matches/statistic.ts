/** `-m statistic`: a share of the packets, by chance or by counting. */
import { type Extension, parseUint } from '../extension.ts';
import type { PacketView } from '../view.ts';

/** What a rule holds of it: every test that is present has to be passed. */
export type StatisticMatch = {
  readonly kind: 'statistic';
  readonly negated: boolean;
} & (
  | {
      readonly mode: 'random';
      /** The probability as the kernel keeps it: of 2^31. */
      readonly threshold: number;
    }
  | { readonly mode: 'nth'; readonly every: number; readonly packet: number }
);

/** A probability of one. Source: the 31-bit fixed point of xt_statistic. */
const one = 0x80000000;

/** How `-m statistic` is read. */
export const statisticExtension: Extension<StatisticMatch> = {
  name: 'statistic',
  options: [
    { name: '--mode' },
    { name: '--probability', invertible: true },
    { name: '--every', invertible: true, requires: '--packet' },
    { name: '--packet', requires: '--every' },
  ],
  build: (values) => {
    const mode = values.text('--mode') ?? 'random';
    if (mode !== 'random' && mode !== 'nth') values.fail(`Bad mode "${mode}"`);
    const every = values.uint('--every', 1, 0xffffffff);
    const packet = values.uint('--packet', 0, 0xffffffff);
    if (mode === 'nth') {
      if (!values.has('--every'))
        values.failAtEnd('--every and --packet must be specified when using nth mode');
      if (every !== undefined && packet !== undefined && packet >= every) {
        values.failAtEnd('the --packet p must be 0 <= p <= n-1');
      }
      return Object.freeze({
        kind: 'statistic',
        mode,
        every: every ?? 1,
        packet: packet ?? 0,
        negated: values.isNegated('--every'),
      });
    }
    const text = values.text('--probability');
    if (text === undefined) values.failAtEnd('--probability must be specified when using random mode');
    const probability = parseProbability(text ?? '0');
    if (probability === undefined) {
      values.fail('statistic: bad value for option "--probability", or out of range (0-1).\n');
    }
    return Object.freeze({
      kind: 'statistic',
      mode: 'random',
      threshold: Math.round((probability ?? 0) * one),
      negated: values.isNegated('--probability'),
    });
  },
};

function parseProbability(text: string): number | undefined {
  if (!/^[0-9]*\.?[0-9]*(?:[eE][+-]?[0-9]{1,3})?$/.test(text) || !/[0-9]/.test(text)) {
    return parseUint(text);
  }
  const value = Number(text);
  return value >= 0 && value <= 1 ? value : undefined;
}

/** Its options as `iptables-save` prints them, with a space before each. */
export function saveStatistic(match: StatisticMatch): string {
  const not = match.negated ? ' !' : '';
  return match.mode === 'random'
    ? ` --mode random${not} --probability ${formatProbability(match.threshold)}`
    : ` --mode nth${not} --every ${match.every} --packet ${match.packet}`;
}

function formatProbability(threshold: number): string {
  return (threshold / one).toFixed(11);
}

/** As `iptables -L` shows it. */
export function listStatistic(match: StatisticMatch): string {
  const not = match.negated ? ' !' : '';
  if (match.mode === 'random') {
    return `statistic mode random${not} probability ${formatProbability(match.threshold)}`;
  }
  const packet = match.packet === 0 ? '' : ` packet ${match.packet}`;
  return `statistic mode nth${not} every ${match.every}${packet}`;
}

/** Whether the packet passes the test. */
export function matchesStatistic(match: StatisticMatch, view: PacketView): boolean {
  if (match.mode === 'random') return isDrawn(match.threshold, view) !== match.negated;
  const counted = view.memory.nth.get(match) ?? initialCount(match.every, match.packet);
  view.memory.nth.set(match, counted === match.every - 1 ? 0 : counted + 1);
  return (counted === match.every - 1) !== match.negated;
}

/** Draws once, with a probability in 2^31. */
export function isDrawn(threshold: number, view: PacketView): boolean {
  return (view.context.random.uint32() & 0x7fffffff) < threshold;
}

/** The kernel starts counting so that packet number `packet` of each round (from 0) is the one that matches. */
function initialCount(every: number, packet: number): number {
  return every - 1 - packet;
}
