/** `-m limit`: a token bucket on virtual time. */
import type { Extension } from '../extension.ts';
import type { PacketView } from '../view.ts';

/** What a rule holds of it: every test that is present has to be passed. */
export interface LimitMatch {
  readonly kind: 'limit';
  /** The time of one packet, in ten-thousandths of a second, as the kernel keeps it. */
  readonly interval: number;
  readonly burst: number;
}

/** Ten-thousandths of a second. Source: XT_LIMIT_SCALE in linux/netfilter/xt_limit.h. */
const scale = 10_000;

/** The units in the order in which they are tried for printing, with their seconds. */
const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['min', 60],
  ['sec', 1],
] as const;

const unitSeconds: ReadonlyMap<string, number> = new Map([
  ['second', 1],
  ['minute', 60],
  ['hour', 3_600],
  ['day', 86_400],
]);

/** How `-m limit` is read. */
export const limitExtension: Extension<LimitMatch> = {
  name: 'limit',
  options: [{ name: '--limit' }, { name: '--limit-burst' }],
  build: (values) => {
    const text = values.text('--limit') ?? '3/hour';
    // Without a burst, and for one of nothing, the tool takes its default.
    const burst = values.uint('--limit-burst', 0, 10_000) || 5;
    const parts = /^([0-9]{1,9})(?:\/([a-z]+))?$/i.exec(text);
    const rate = Number(parts?.[1] ?? 0);
    const seconds = parts === null ? undefined : secondsOf(parts[2] ?? 'second');
    if (seconds === undefined || rate === 0) values.fail(`bad rate "${text}"'`);
    const interval = Math.floor((scale * (seconds ?? 1)) / Math.max(rate, 1));
    if (interval === 0) values.fail(`Rate too fast "${text}"`);
    return Object.freeze({ kind: 'limit', interval, burst });
  },
};

/** A unit may be cut anywhere: `s`, `sec`, `min`. */
function secondsOf(unit: string): number | undefined {
  for (const [name, seconds] of unitSeconds) if (name.startsWith(unit.toLowerCase())) return seconds;
  return undefined;
}

/** Its options as `iptables-save` prints them, with a space before each. */
export function saveLimit(match: LimitMatch): string {
  return ` --limit ${formatRate(match.interval)}${match.burst === 5 ? '' : ` --limit-burst ${match.burst}`}`;
}

/** The largest unit in which the rate is a whole number, or nearly one. */
function formatRate(interval: number): string {
  let best = `${Math.floor((scale * units[0][1]) / interval)}/${units[0][0]}`;
  for (const [name, seconds] of units.slice(1)) {
    const period = scale * seconds;
    if (interval > period || period / interval < period % interval) break;
    best = `${Math.floor(period / interval)}/${name}`;
  }
  return best;
}

/** As `iptables -L` shows it. */
export function listLimit(match: LimitMatch): string {
  return `limit: avg ${formatRate(match.interval)} burst ${match.burst}`;
}

/** Whether the packet passes the test. */
export function matchesLimit(match: LimitMatch, view: PacketView): boolean {
  const costMs = match.interval / 10;
  const { nowMs } = view.context;
  const full = costMs * match.burst;
  const known = view.memory.limits.get(match);
  const credit = known === undefined ? full : Math.min(full, known.credit + nowMs - known.atMs);
  const passes = credit >= costMs;
  view.memory.limits.set(match, { credit: passes ? credit - costMs : credit, atMs: nowMs });
  return passes;
}
