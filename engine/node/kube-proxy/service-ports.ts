/**
 * What kube-proxy keeps of each port of each Service.
 * Source: pkg/proxy/serviceport.go and servicechangetracker.go in Kubernetes v1.36. IPv4 only.
 */
import type { Service } from '../../api/types/kinds.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { formatIPv4, type Prefix, parseCidr, parseIPv4 } from '../../net/ipv4.ts';
import { type ServiceChains, serviceChainNames } from './chain-names.ts';

/** One port of a Service. */
export interface ServicePortInfo {
  /** `namespace/name`. */
  readonly service: string;
  /** `namespace/name:port`, or `namespace/name` for a port without a name. */
  readonly name: string;
  readonly portName: string;
  readonly protocol: string;
  readonly clusterIP: string;
  readonly port: number;
  /** 0 when there is none, as for the health check's port. */
  readonly nodePort: number;
  readonly externalIPs: readonly string[];
  readonly loadBalancerIPs: readonly string[];
  readonly sourceRanges: readonly CidrBlock[];
  readonly affinitySeconds: number | undefined;
  readonly healthCheckNodePort: number;
  readonly externalPolicyLocal: boolean;
  readonly internalPolicyLocal: boolean;
  readonly chains: ServiceChains;
}

/** A block of addresses, as it is written in rules. */
export interface CidrBlock {
  readonly text: string;
  readonly prefix: Prefix;
}

/** Services with this label are left to another proxy. Source: pkg/proxy/apis/well_known_labels.go. */
const proxyNameLabel = 'service.kubernetes.io/service-proxy-name';

/** All ports that kube-proxy serves, in order of their names. */
export function servicePortsOf(services: readonly Service[]): ServicePortInfo[] {
  return services
    .flatMap(portsOfService)
    .sort((a, b) => compareKeys(a.name, b.name) || compareKeys(a.protocol, b.protocol));
}

function portsOfService(service: Service): readonly ServicePortInfo[] {
  const { spec, metadata } = service;
  const clusterIP = clusterAddress(service);
  if (spec === undefined || clusterIP === undefined) return [];
  if (spec.type === 'ExternalName') return [];
  if (Object.hasOwn(metadata.labels ?? {}, proxyNameLabel)) return [];
  const name = `${metadata.namespace ?? ''}/${metadata.name}`;
  const externalPolicyLocal = isExternallyAccessible(service) && spec.externalTrafficPolicy === 'Local';
  const externalIPs = (spec.externalIPs ?? []).filter(isAddress);
  const loadBalancerIPs = loadBalancerAddresses(service);
  const sourceRanges = sourceRangesOf(service);
  const affinitySeconds = affinityOf(service);
  const healthCheckNodePort =
    spec.type === 'LoadBalancer' && externalPolicyLocal ? (spec.healthCheckNodePort ?? 0) : 0;
  const internalPolicyLocal = spec.internalTrafficPolicy === 'Local';
  return (spec.ports ?? []).map((port) => {
    const portName = port.name ?? '';
    const fullName = servicePortName(name, portName);
    const protocol = (port.protocol ?? 'TCP').toLowerCase();
    // Spelled out: spreading what all ports share took longer than the rest.
    return {
      service: name,
      name: fullName,
      portName,
      protocol,
      clusterIP,
      port: port.port,
      nodePort: port.nodePort ?? 0,
      externalIPs,
      loadBalancerIPs,
      sourceRanges,
      affinitySeconds,
      healthCheckNodePort,
      externalPolicyLocal,
      internalPolicyLocal,
      chains: serviceChainNames(fullName, protocol),
    };
  });
}

/** `namespace/name:port`, or `namespace/name` for a port without a name. */
export function servicePortName(service: string, portName: string): string {
  return portName === '' ? service : `${service}:${portName}`;
}

/** The IPv4 one of the cluster IPs; none for a headless Service. */
function clusterAddress({ spec }: Service): string | undefined {
  if (spec?.clusterIP === undefined || spec.clusterIP === '' || spec.clusterIP === 'None') return undefined;
  return [spec.clusterIP, ...(spec.clusterIPs ?? [])].find(isAddress);
}

function isAddress(text: string): boolean {
  return parseIPv4(text) !== undefined;
}

function isExternallyAccessible({ spec }: Service): boolean {
  if (spec?.type === 'LoadBalancer' || spec?.type === 'NodePort') return true;
  return (spec?.type ?? 'ClusterIP') === 'ClusterIP' && (spec?.externalIPs ?? []).length > 0;
}

/** Addresses of load balancers that hand packets on with their destination unchanged. */
function loadBalancerAddresses({ status }: Service): string[] {
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, ipMode }) =>
    ip !== undefined && isAddress(ip) && (ipMode ?? 'VIP') === 'VIP' ? [ip] : [],
  );
}

/** The allowed blocks; a block of all addresses allows everybody, as no blocks do. */
function sourceRangesOf({ spec }: Service): CidrBlock[] {
  const blocks = (spec?.loadBalancerSourceRanges ?? []).flatMap((text) => parseBlock(text.trim()) ?? []);
  return blocks.some((block) => block.prefix.length === 0) ? [] : blocks;
}

function parseBlock(text: string): CidrBlock | undefined {
  const prefix = parseCidr(text)?.prefix;
  return prefix === undefined
    ? undefined
    : { text: `${formatIPv4(prefix.network)}/${prefix.length}`, prefix };
}

/** Source: the API server sets 10800 s; see DefaultClientIPServiceAffinitySeconds in k8s.io/api/core/v1. */
const defaultAffinitySeconds = 10_800;

function affinityOf({ spec }: Service): number | undefined {
  if (spec?.sessionAffinity !== 'ClientIP') return undefined;
  return spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? defaultAffinitySeconds;
}

/** Whether traffic can come to a port by another way than its cluster IP. */
export function isExternal(port: ServicePortInfo): boolean {
  return port.nodePort !== 0 || port.loadBalancerIPs.length > 0 || port.externalIPs.length > 0;
}

/** Whether any traffic to a port goes to endpoints on every node. */
export function usesClusterEndpoints(port: ServicePortInfo): boolean {
  return !port.internalPolicyLocal || isExternal(port);
}

/** Whether any traffic to a port goes to endpoints of this node only. */
export function usesLocalEndpoints(port: ServicePortInfo): boolean {
  return port.internalPolicyLocal || (port.externalPolicyLocal && isExternal(port));
}
