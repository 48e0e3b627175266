/**
 * Changes of routes and of the rules of routing, checked as the kernel checks them.
 * Source: Linux net/ipv4/fib_trie.c, fib_semantics.c, net/core/fib_rules.c.
 */
import { formatIPv4, networkOf, type Prefix, parseCidr, parseIPv4 } from '../ipv4.ts';
import type { NetworkAdmin } from '../linux.ts';
import type { NetworkChange, RefusedChange, RuleSpec } from '../process/configure.ts';
import { formatDestination, lookupRoute, routeFromSpec, setRoutes } from './routes.ts';
import { type NamespaceState, type Route, type RoutingRule, routeTables } from './state.ts';

type Of<Part extends NetworkChange['part']> = Extract<NetworkChange, { readonly part: Part }>;
type Answer = RefusedChange | null;

/** Bounds what commands in a loop can pile up. */
const mostOfAKind = 1_000;

/** `ip route add|replace|append|del`. */
export function changeRoute(
  { admin, namespace }: { readonly admin: NetworkAdmin; readonly namespace: NamespaceState },
  change: Of<'route'>,
): Answer {
  const { part: _part, action, ...spec } = change;
  const { destination, via, link: name } = spec;
  const parsed = destination === 'default' ? undefined : parseCidr(destination);
  const prefix = parsed?.prefix ?? { network: 0, length: 0 };
  if (destination !== 'default' && parsed === undefined) return { errno: 'EINVAL' };
  if (parsed !== undefined && networkOf(parsed.address, prefix.length) !== parsed.address) {
    return { message: 'Invalid prefix for given prefix length.' };
  }
  const text = formatDestination(prefix);
  const table = spec.table ?? routeTables.main;
  const there = namespace.routes.filter(
    (route) => route.table === table && formatDestination(route.prefix) === text,
  );
  if (action === 'del') {
    const gone = there.find((route) => isAsked(route, spec));
    if (gone === undefined) return { errno: 'ESRCH' };
    setRoutes(
      namespace,
      namespace.routes.filter((route) => route !== gone),
    );
    return null;
  }
  const refused = spec.type === undefined ? refusedWay(namespace, via, name) : undefined;
  if (refused !== undefined) return refused;
  const isTaken = there.some(({ metric }) => metric === (spec.metric ?? 0));
  if (isTaken && action === 'add') return { errno: 'EEXIST' };
  if (namespace.routes.length >= mostOfAKind) return { errno: 'ENOSPC' };
  if (action === 'append') {
    namespace.routeTables.add(table);
    setRoutes(namespace, [...namespace.routes, routeFromSpec(namespace, spec)]);
  } else admin.addRoute(namespace.id, spec);
  return null;
}

/** Whether a route is one that `ip route del` means: what is left out may be anything. */
function isAsked(route: Route, { via, link, metric, type, protocol }: Omit<Of<'route'>, 'part' | 'action'>) {
  const isOver =
    (via === undefined && link === undefined) ||
    route.nextHops.some(
      (hop) => (via === undefined || hop.via === via) && (link === undefined || hop.link === link),
    );
  return (
    isOver &&
    (metric === undefined || route.metric === metric) &&
    (type === undefined || route.type === type) &&
    (protocol === undefined || route.protocol === protocol)
  );
}

/** Source: fib_check_nh in Linux net/ipv4/fib_semantics.c. */
function refusedWay(
  namespace: NamespaceState,
  via: string | undefined,
  name: string | undefined,
): RefusedChange | undefined {
  const link = name === undefined ? undefined : namespace.links.get(name);
  if (name !== undefined && link === undefined) return { errno: 'ENODEV' };
  if (via === undefined) {
    if (link === undefined) return { errno: 'ENODEV' };
    return link.up ? undefined : { message: 'Device for nexthop is not up.' };
  }
  const gateway = parseIPv4(via);
  const towards = gateway === undefined ? undefined : lookupRoute(namespace, gateway);
  const isNear =
    towards?.type === 'unicast' &&
    towards.nextHops.some((hop) => hop.via === undefined && (link === undefined || hop.link === link.name));
  if (link !== undefined && !link.up) return { message: 'Nexthop device is not up.' };
  return isNear ? undefined : { message: 'Nexthop has invalid gateway.' };
}

/** `ip route flush`: of a table, over a link, or to a destination. */
export function flushRoutes(namespace: NamespaceState, { link, destination, table }: Of<'flush'>): Answer {
  const meant = table ?? routeTables.main;
  if (!namespace.routeTables.has(meant)) return { message: 'ipv4: FIB table does not exist.' };
  setRoutes(
    namespace,
    namespace.routes.filter(
      (route) =>
        route.table !== meant ||
        (destination !== undefined && destination !== formatDestination(route.prefix)) ||
        (link !== undefined && !route.nextHops.some((hop) => hop.link === link)),
    ),
  );
  return null;
}

/** `ip rule add|del|flush`. */
export function changeRule(namespace: NamespaceState, change: Of<'rule'>): Answer {
  const { rules } = namespace;
  if (change.action === 'flush') {
    namespace.rules = Object.freeze(rules.filter(({ preference }) => preference === 0));
    return null;
  }
  const asked = ruleOf(change.rule, change.rule.preference ?? 0);
  if (change.action === 'del') {
    const gone = rules.find((rule) => isSameRule(rule, asked, change.rule));
    if (gone === undefined) return { errno: 'ENOENT' };
    namespace.rules = Object.freeze(rules.filter((rule) => rule !== gone));
    return null;
  }
  const rule = ruleOf(change.rule, change.rule.preference ?? freePreference(rules));
  if (rules.some((other) => isEqual(other, rule))) return { errno: 'EEXIST' };
  if (rules.length >= mostOfAKind) return { errno: 'ENOSPC' };
  // The sort is stable: behind those of the same preference.
  namespace.rules = Object.freeze([...rules, rule].sort((a, b) => a.preference - b.preference));
  return null;
}

/** One before the second rule. Source: fib_default_rule_pref in Linux net/core/fib_rules.c. */
function freePreference(rules: readonly RoutingRule[]): number {
  return Math.max((rules[1]?.preference ?? 1) - 1, 0);
}

function ruleOf({ from, to, action, ...spec }: RuleSpec, preference: number): RoutingRule {
  const [source, target] = [prefixOf(from), prefixOf(to)];
  return Object.freeze({
    ...spec,
    preference,
    action: action ?? routeTables.main,
    ...(source === undefined ? {} : { from: source }),
    ...(target === undefined ? {} : { to: target }),
  });
}

/** All addresses are no selector. */
function prefixOf(cidr: string | undefined): Prefix | undefined {
  const prefix = cidr === undefined ? undefined : parseCidr(cidr)?.prefix;
  return prefix === undefined || prefix.length === 0 ? undefined : Object.freeze(prefix);
}

function isEqual(a: RoutingRule, b: RoutingRule): boolean {
  return a.preference === b.preference && isSameRule(a, b, { action: b.action }) && isSameRule(b, a, {});
}

/** Whether a rule has everything that was asked for. Source: rule_find in Linux net/core/fib_rules.c. */
function isSameRule(rule: RoutingRule, asked: RoutingRule, spec: RuleSpec): boolean {
  return (
    (spec.preference === undefined || rule.preference === spec.preference) &&
    (spec.action === undefined || rule.action === spec.action) &&
    (asked.inverted === undefined || rule.inverted === asked.inverted) &&
    (asked.inLink === undefined || rule.inLink === asked.inLink) &&
    (asked.outLink === undefined || rule.outLink === asked.outLink) &&
    (asked.mark === undefined ||
      (rule.mark?.value === asked.mark.value && rule.mark.mask === asked.mark.mask)) &&
    isSamePrefix(rule.from, asked.from) &&
    isSamePrefix(rule.to, asked.to)
  );
}

function isSamePrefix(prefix: Prefix | undefined, asked: Prefix | undefined): boolean {
  if (asked === undefined) return true;
  return (
    prefix !== undefined &&
    prefix.length === asked.length &&
    formatIPv4(prefix.network) === formatIPv4(asked.network)
  );
}
