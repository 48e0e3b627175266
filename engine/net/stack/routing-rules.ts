/**
 * The rules of routing: which packets ask which table. Left out: selectors by tos, ports, protocols and users, `goto` and
 * `nop`. Source: ip-rule(8); Linux net/core/fib_rules.c, net/ipv4/fib_rules.c.
 */
import { formatIPv4, type Prefix, parseIPv4, prefixContains } from '../ipv4.ts';
import { type RoutingRule, routeTables } from './state.ts';

/** What rules look at besides the destination; a packet that the machine itself sends comes in over `lo`. */
export interface RoutedFlow {
  readonly source?: string;
  readonly mark?: number;
  readonly inLink?: string;
}

/** Whether a rule is for a packet. No socket is bound to a link, so that rules with `oif` are for none. */
export function isMeant(rule: RoutingRule, destination: number, flow: RoutedFlow): boolean {
  return isSelected(rule, destination, flow) !== (rule.inverted ?? false);
}

function isSelected(
  { from, to, mark, inLink, outLink }: RoutingRule,
  destination: number,
  flow: RoutedFlow,
): boolean {
  if (to !== undefined && !prefixContains(to, destination)) return false;
  if (mark !== undefined && (((flow.mark ?? 0) ^ mark.value) & mark.mask) !== 0) return false;
  if (inLink !== undefined && inLink !== (flow.inLink ?? 'lo')) return false;
  if (outLink !== undefined) return false;
  return from === undefined || prefixContains(from, parseIPv4(flow.source ?? '') ?? 0);
}

/** A rule's selector as `ip rule` prints it. `hasLink` tells which links are there. */
export function formatSelector(rule: RoutingRule, hasLink: (link: string) => boolean): string {
  const words = [...(rule.inverted === true ? ['not'] : []), 'from', formatPrefix(rule.from)];
  if (rule.to !== undefined) words.push('to', formatPrefix(rule.to));
  if (rule.mark !== undefined) {
    const { value, mask } = rule.mark;
    const masked = mask === 0xffffffff ? '' : `/0x${mask.toString(16)}`;
    words.push('fwmark', `0x${value.toString(16)}${masked}`);
  }
  for (const [word, link] of [
    ['iif', rule.inLink],
    ['oif', rule.outLink],
  ]) {
    if (word !== undefined && link !== undefined) {
      words.push(word, hasLink(link) ? link : `${link} [detached]`);
    }
  }
  return words.join(' ');
}

/** A rule as `ip rule add` takes it. */
export function formatRule(rule: RoutingRule): string {
  const { action } = rule;
  const named = Object.entries(routeTables).find(([, table]) => table === action)?.[0];
  const last = typeof action === 'number' ? `lookup ${named ?? action}` : action;
  return `${formatSelector(rule, () => true)} ${last} pref ${rule.preference}`;
}

function formatPrefix(prefix: Prefix | undefined): string {
  if (prefix === undefined || prefix.length === 0) return 'all';
  const network = formatIPv4(prefix.network);
  return prefix.length === 32 ? network : `${network}/${prefix.length}`;
}
