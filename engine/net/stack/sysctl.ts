/**
 * Kernel parameters under net., of which a few change what happens to packets: ip_forward and conf/…/forwarding,
 * rp_filter, route_localnet, bridge-nf-call-iptables, fib_multipath_hash_policy, and the time-outs of nf_conntrack. Any
 * other one is kept and read back.
 * Source: Linux Documentation/networking/ip-sysctl.
 */
import { setConntrackTimeout } from '../netfilter/conntrack/connection.ts';
import type { NamespaceState } from './state.ts';

/** What a namespace starts with; other parameters are absent until they are set. */
const defaults: ReadonlyMap<string, string> = new Map([
  ['net.core.somaxconn', '4096'],
  ['net.ipv4.fib_multipath_hash_policy', '0'],
  ['net.ipv4.ip_default_ttl', '64'],
  ['net.ipv4.ip_forward', '0'],
  ['net.ipv4.ip_local_port_range', '32768\t60999'],
  ['net.ipv4.tcp_retries2', '15'],
  ['net.ipv4.tcp_syn_retries', '6'],
  ['net.ipv4.tcp_synack_retries', '5'],
]);

/** The parameters that each link has, with their defaults. */
const linkDefaults: ReadonlyMap<string, string> = new Map([
  ['forwarding', '0'],
  ['route_localnet', '0'],
  ['rp_filter', '0'],
]);

/** Sets a parameter. `net.ipv4.ip_forward` sets the forwarding of all links, as in the kernel. */
export function writeSysctl(namespace: NamespaceState, name: string, value: string): void {
  const dotted = dottedName(name);
  if (dotted === 'net.ipv4.ip_forward' || dotted === 'net.ipv4.conf.all.forwarding') {
    for (const key of namespace.sysctls.keys()) {
      if (/^net\.ipv4\.conf\..*\.forwarding$/.test(key)) namespace.sysctls.delete(key);
    }
    namespace.sysctls.set('net.ipv4.ip_forward', value);
    namespace.sysctls.set('net.ipv4.conf.all.forwarding', value);
    return;
  }
  namespace.sysctls.set(dotted, value);
  setConntrackTimeout(namespace.netfilter.conntrack, dotted, value);
}

/** The value of a parameter as text, or undefined when there is no such one. */
export function readSysctl(namespace: NamespaceState, name: string): string | undefined {
  const dotted = dottedName(name);
  const set = namespace.sysctls.get(dotted) ?? defaults.get(dotted);
  if (set !== undefined) return set;
  const [, link, parameter] = /^net\.ipv4\.conf\.([^/]+)\.(\w+)$/.exec(dotted) ?? [];
  if (link === undefined || parameter === undefined) return undefined;
  if (link !== 'all' && link !== 'default' && !namespace.links.has(link.replaceAll('/', '.')))
    return undefined;
  if (parameter === 'forwarding') return namespace.sysctls.get('net.ipv4.ip_forward') ?? '0';
  return namespace.sysctls.get(`net.ipv4.conf.default.${parameter}`) ?? linkDefaults.get(parameter);
}

/** Every parameter that has a value, in order. */
export function sysctlNames(namespace: NamespaceState): readonly string[] {
  const links = ['all', 'default', ...namespace.links.keys()].map((link) => link.replaceAll('.', '/'));
  const ofLinks = links.flatMap((link) =>
    [...linkDefaults.keys()].map((parameter) => `net.ipv4.conf.${link}.${parameter}`),
  );
  return [...new Set([...defaults.keys(), ...ofLinks, ...namespace.sysctls.keys()])].sort();
}

/** Whether a parameter has a value other than 0. */
export function isSysctlSet(namespace: NamespaceState, name: string): boolean {
  const value = namespace.sysctls.size === 0 ? undefined : namespace.sysctls.get(name);
  return value !== undefined && value !== '0';
}

/** Whether packets that arrive on a link are passed on. */
export function isForwarding(namespace: NamespaceState, link: string): boolean {
  if (namespace.sysctls.size === 0) return false;
  return (
    (namespace.sysctls.get(`net.ipv4.conf.${link}.forwarding`) ??
      namespace.sysctls.get('net.ipv4.ip_forward') ??
      '0') !== '0'
  );
}

/** Whether addresses of 127.0.0.0/8 may pass a link: its own parameter or that of `all`. */
export function isLocalnetRouted(namespace: NamespaceState, link: string): boolean {
  return linkMaximum(namespace, link, 'route_localnet') > 0;
}

/** The check of source addresses on a link: 0 none, 1 strict, 2 loose; the higher of its own and that of `all`. */
export function reversePathFilter(namespace: NamespaceState, link: string): number {
  return linkMaximum(namespace, link, 'rp_filter');
}

function linkMaximum(namespace: NamespaceState, link: string, parameter: string): number {
  if (namespace.sysctls.size === 0) return 0;
  const { sysctls } = namespace;
  const ofLink =
    sysctls.get(`net.ipv4.conf.${link}.${parameter}`) ?? sysctls.get(`net.ipv4.conf.default.${parameter}`);
  const ofAll = sysctls.get(`net.ipv4.conf.all.${parameter}`);
  return Math.max(Number(ofLink ?? 0) || 0, Number(ofAll ?? 0) || 0);
}

/** `net/ipv4/conf/eth0.5/rp_filter` and `net.ipv4.conf.eth0/5.rp_filter` name the same. Source: sysctl.d(5). */
function dottedName(name: string): string {
  const slash = name.indexOf('/');
  const dot = name.indexOf('.');
  if (slash < 0 || (dot >= 0 && dot < slash)) return name;
  return name.replace(/[./]/g, (character) => (character === '/' ? '.' : '/'));
}
