/** `-m recent`: lists of addresses and when they were seen, on virtual time. The lists' files in /proc are left out. */

import { formatIPv4, parseIPv4 } from '../../ipv4.ts';
import { type Extension, type OptionValues, quoteArgument } from '../extension.ts';
import type { PacketView } from '../view.ts';

/** What a rule holds of it: every test that is present has to be passed. */
export interface RecentMatch {
  readonly kind: 'recent';
  readonly negated: boolean;
  readonly action: (typeof actions)[number];
  readonly seconds?: number;
  readonly reap: boolean;
  readonly hitcount?: number;
  readonly rttl: boolean;
  readonly name: string;
  readonly mask: number;
  readonly side: 'rsource' | 'rdest';
}

const actions = ['set', 'rcheck', 'update', 'remove'] as const;

/** Addresses that a list keeps, and times per address. Source: parameters ip_list_tot and ip_pkt_list_tot of xt_recent. */
const maxAddresses = 100;
const maxStamps = 20;

/** Longer names are cut. Source: XT_RECENT_NAME_LEN in linux/netfilter/xt_recent.h, with its final zero. */
const maxNameLength = 199;

const listedNames = { set: 'SET', rcheck: 'CHECK', update: 'UPDATE', remove: 'REMOVE' } as const;

/** How `-m recent` is read. */
export const recentExtension: Extension<RecentMatch> = {
  name: 'recent',
  options: [
    { name: '--set', flag: true, invertible: true, excludes: ['--rcheck', '--update', '--remove'] },
    { name: '--rcheck', flag: true, invertible: true, excludes: ['--update', '--remove'] },
    { name: '--update', flag: true, invertible: true, excludes: ['--remove'] },
    { name: '--remove', flag: true, invertible: true },
    { name: '--seconds' },
    { name: '--reap', flag: true, requires: '--seconds' },
    { name: '--hitcount' },
    { name: '--rttl', flag: true },
    { name: '--name' },
    { name: '--mask' },
    { name: '--rsource', flag: true },
    { name: '--rdest', flag: true },
  ],
  build: (values) => {
    const action = actions.find((name) => values.has(`--${name}`));
    if (action === undefined) {
      values.failAtEnd("recent: you must specify one of `--set', `--rcheck' `--update' or `--remove'");
    }
    const seconds = values.uint('--seconds', 1, 0xffffffff);
    const hitcount = values.uint('--hitcount', 0, 65535);
    return Object.freeze({
      kind: 'recent',
      negated: action !== undefined && values.isNegated(`--${action}`),
      action: action ?? 'set',
      ...(seconds === undefined ? {} : { seconds }),
      reap: values.has('--reap'),
      ...(hitcount === undefined || hitcount === 0 ? {} : { hitcount }),
      rttl: values.has('--rttl'),
      name: (values.text('--name') ?? 'DEFAULT').slice(0, maxNameLength),
      mask: readMask(values),
      side: values.has('--rdest') ? 'rdest' : 'rsource',
    });
  },
};

function readMask(values: OptionValues): number {
  const text = values.text('--mask');
  if (text === undefined) return 0xffffffff;
  const mask = parseIPv4(text);
  if (mask === undefined) values.fail(`recent: Bad value for "--mask" option: "${text}"`);
  return mask ?? 0xffffffff;
}

/** Its options as `iptables-save` prints them, with a space before each. */
export function saveRecent(match: RecentMatch): string {
  const seconds = match.seconds === undefined ? '' : ` --seconds ${match.seconds}`;
  const reap = match.reap ? ' --reap' : '';
  const hits = match.hitcount === undefined ? '' : ` --hitcount ${match.hitcount}`;
  const rttl = match.rttl ? ' --rttl' : '';
  const where = `--name ${quoteArgument(match.name)} --mask ${formatIPv4(match.mask)} --${match.side}`;
  return `${match.negated ? ' !' : ''} --${match.action}${seconds}${reap}${hits}${rttl} ${where}`;
}

/** As `iptables -L` shows it. */
export function listRecent(match: RecentMatch): string {
  const seconds = match.seconds === undefined ? '' : ` seconds: ${match.seconds}`;
  const reap = match.reap ? ' reap' : '';
  const hits = match.hitcount === undefined ? '' : ` hit_count: ${match.hitcount}`;
  const rttl = match.rttl ? ' TTL-Match' : '';
  const where = `name: ${match.name} side: ${match.side === 'rdest' ? 'dest' : 'source'} mask: ${formatIPv4(match.mask)}`;
  return `${match.negated ? '! ' : ''}recent: ${listedNames[match.action]}${seconds}${reap}${hits}${rttl} ${where}`;
}

/** Whether the packet passes the test. */
export function matchesRecent(match: RecentMatch, view: PacketView): boolean {
  const { nowMs } = view.context;
  const side = match.side === 'rdest' ? view.destination : view.source;
  const address = formatIPv4((side & match.mask) >>> 0);
  const list = view.memory.recent.get(match.name) ?? new Map<string, number[]>();
  view.memory.recent.set(match.name, list);
  const stamps = list.get(address);
  if (match.action === 'set') {
    stamp(list, address, nowMs);
    return !match.negated;
  }
  if (stamps === undefined) return match.negated;
  if (match.action === 'remove') {
    list.delete(address);
    return !match.negated;
  }
  const sinceMs = match.seconds === undefined ? Number.NEGATIVE_INFINITY : nowMs - match.seconds * 1000;
  const hits = stamps.filter((seenMs) => seenMs >= sinceMs).length;
  const found = hits >= Math.max(1, match.hitcount ?? 1);
  if (match.reap) reapOld(list, sinceMs);
  if (found && match.action === 'update') stamp(list, address, nowMs);
  return found !== match.negated;
}

/** Notes an address as seen now; the address that was not seen for longest gives way when the list is full. */
function stamp(list: Map<string, number[]>, address: string, nowMs: number): void {
  const stamps = list.get(address) ?? [];
  list.delete(address);
  const oldest = list.keys().next();
  if (list.size >= maxAddresses && oldest.done !== true) list.delete(oldest.value);
  list.set(address, [...stamps, nowMs].slice(-maxStamps));
}

function reapOld(list: Map<string, number[]>, sinceMs: number): void {
  for (const [address, stamps] of list) if ((stamps.at(-1) ?? 0) < sinceMs) list.delete(address);
}
