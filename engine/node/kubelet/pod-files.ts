/**
 * The files that the kubelet writes for every container: names, resolver, hosts.
 * Source: pkg/kubelet/kubelet_pods.go (managedHostsFileContent), network/dns/dns.go. Left out: IPv6 resolvers.
 */
import type { Pod } from '../../api/types/kinds.ts';

/** How names are resolved on the node and in the cluster. */
export interface ResolverSettings {
  readonly clusterDNS: readonly string[];
  readonly clusterDomain: string;
  /** The node's own /etc/resolv.conf. */
  readonly node: ResolverConfig;
}

export interface ResolverConfig {
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

/** The Pod's host name; longer than the kernel takes, it is cut. */
export function podHostname(pod: Pod, nodeName: string): string {
  if (pod.spec?.hostNetwork === true) return nodeName;
  const name = (pod.spec?.hostname ?? '') === '' ? pod.metadata.name : (pod.spec?.hostname ?? '');
  return name.length <= 63 ? name : name.slice(0, 63).replace(/[-.]+$/, '');
}

/** /etc/hosts, /etc/hostname and /etc/resolv.conf. */
export function managedFiles(
  pod: Pod,
  facts: { readonly address: string; readonly hostname: string; readonly resolver: ResolverSettings },
): ReadonlyMap<string, string> {
  return new Map([
    ['/etc/hosts', hostsFile(pod, facts)],
    ['/etc/hostname', `${facts.hostname}\n`],
    ['/etc/resolv.conf', formatResolver(podResolver(pod, facts.resolver))],
  ]);
}

/** The text of a resolv.conf. Source: containerd, internal/cri/server/sandbox_run_linux.go (parseDNSOptions). */
function formatResolver(config: ResolverConfig): string {
  const lines: string[] = [];
  if (config.searches.length > 0) lines.push(`search ${config.searches.join(' ')}`);
  lines.push(...config.nameservers.map((address) => `nameserver ${address}`));
  if (config.options.length > 0) lines.push(`options ${config.options.join(' ')}`);
  return `${lines.join('\n')}\n`;
}

function podResolver(pod: Pod, settings: ResolverSettings): ResolverConfig {
  const policy = pod.spec?.dnsPolicy ?? 'ClusterFirst';
  const onHost = pod.spec?.hostNetwork === true;
  let base: ResolverConfig;
  if (policy === 'None') base = { nameservers: [], searches: [], options: [] };
  else if (policy === 'Default' || (policy === 'ClusterFirst' && onHost)) base = settings.node;
  else base = clusterResolver(pod, settings);
  const own = pod.spec?.dnsConfig;
  if (own === undefined) return base;
  return {
    nameservers: unique([...base.nameservers, ...(own.nameservers ?? [])]),
    searches: unique([...base.searches, ...(own.searches ?? [])]),
    options: mergeOptions(base.options, own.options ?? []),
  };
}

function clusterResolver(pod: Pod, settings: ResolverSettings): ResolverConfig {
  const domain = settings.clusterDomain;
  const namespace = pod.metadata.namespace ?? 'default';
  return {
    nameservers: settings.clusterDNS,
    searches: unique([`${namespace}.svc.${domain}`, `svc.${domain}`, domain, ...settings.node.searches]),
    options: ['ndots:5'],
  };
}

/** Options of the Pod replace those of the same name. */
function mergeOptions(
  base: readonly string[],
  own: readonly { readonly name?: string; readonly value?: string }[],
): readonly string[] {
  const merged = new Map(base.map((option) => [option.split(':')[0] ?? option, option]));
  for (const { name = '', value } of own) {
    merged.set(name, value === undefined || value === '' ? name : `${name}:${value}`);
  }
  return [...merged.values()];
}

function hostsFile(pod: Pod, facts: { readonly address: string; readonly hostname: string }): string {
  const onHost = pod.spec?.hostNetwork === true;
  const lines = [
    onHost ? '# Kubernetes-managed hosts file (host network).' : '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'fe00::0\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
  ];
  const subdomain = pod.spec?.subdomain ?? '';
  const fullName = `${facts.hostname}.${subdomain}.${pod.metadata.namespace ?? 'default'}.svc.cluster.local`;
  lines.push(
    subdomain !== '' && !onHost
      ? `${facts.address}\t${fullName}\t${facts.hostname}`
      : `${facts.address}\t${facts.hostname}`,
  );
  const aliases = pod.spec?.hostAliases ?? [];
  if (aliases.length > 0) {
    lines.push('', '# Entries added by HostAliases.');
    lines.push(...aliases.map((alias) => [alias.ip, ...(alias.hostnames ?? [])].join('\t')));
  }
  return `${lines.join('\n')}\n`;
}

function unique(items: readonly string[]): readonly string[] {
  return [...new Set(items)];
}
