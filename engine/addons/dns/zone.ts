/**
 * What CoreDNS's kubernetes plugin answers for the zone `cluster.local`, from Services, EndpointSlices and namespaces.
 * Source: coredns/plugin/kubernetes (kubernetes.go, parse.go, reverse.go), plugin/backend_lookup.go and plugin/etcd/msg,
 * with kubeadm's Corefile (`pods insecure`, `ttl 30`), which keeps the cache off for this zone (`disable success`, `disable
 * denial`): a name exists as soon as its Service does, however often it was asked for before.
 * Left out: IPv6 answers, wildcards, `endpoint_pod_names`, the cache for names outside.
 */
import type { Endpoint, EndpointSlice, Service } from '../../api/types/kinds.ts';

/** A record, as plain JSON. Names have no final dot. */
export type ZoneRecord =
  | {
      readonly type: 'A' | 'CNAME' | 'PTR' | 'NS' | 'TXT';
      readonly name: string;
      readonly ttl: number;
      readonly data: string;
    }
  | {
      readonly type: 'SRV';
      readonly name: string;
      readonly ttl: number;
      readonly data: {
        readonly priority: number;
        readonly weight: number;
        readonly port: number;
        readonly target: string;
      };
    }
  | {
      readonly type: 'SOA';
      readonly name: string;
      readonly ttl: number;
      readonly data: {
        readonly mname: string;
        readonly rname: string;
        readonly serial: number;
        readonly refresh: number;
        readonly retry: number;
        readonly expire: number;
        readonly minimum: number;
      };
    };

/** An answer's sections. `authoritative` is false for what is not of this zone. */
export interface ZoneAnswer {
  readonly rcode: 'NOERROR' | 'NXDOMAIN';
  readonly authoritative: boolean;
  readonly answers: readonly ZoneRecord[];
  readonly authorities: readonly ZoneRecord[];
  readonly additionals: readonly ZoneRecord[];
}

/** The objects that answers are made from. */
export interface ZoneView {
  hasNamespace(name: string): boolean;
  service(namespace: string, name: string): Service | undefined;
  services(): readonly Service[];
  /** The slices of a Service. */
  slicesOf(namespace: string, service: string): readonly EndpointSlice[];
  slices(): readonly EndpointSlice[];
  /** The address of Service kube-dns, if there is one. */
  dnsAddress(): string | undefined;
  /** The address of a name outside the zone, as the world's name servers know it. */
  outsideAddress?(name: string): string | undefined;
  /** Seconds since the epoch, for the SOA's serial. */
  nowSeconds(): number;
}

/** Seconds that an answer may be kept; also the minimum of the SOA. */
const ttl = 30;
/** Of the text that tells the version of the schema. Source: Services in kubernetes.go. */
const schemaTtl = 28_800;
const zone = 'cluster.local';

/** Answers one question; the name has no final dot and may be in any case, which the answer keeps. */
export function answerQuestion(
  view: ZoneView,
  question: { readonly name: string; readonly type: string },
): ZoneAnswer {
  const name = question.name.toLowerCase();
  const answer = answerName(view, name, question.type, 0);
  if (name === question.name) return answer;
  const answers = answer.answers.map((record) =>
    record.name === name ? { ...record, name: question.name } : record,
  );
  return { ...answer, answers };
}

/** Aliases within the zone that are followed one after the other. Source: plugin/backend_lookup.go, A. */
const maxAliases = 8;

function answerName(view: ZoneView, name: string, type: string, aliases: number): ZoneAnswer {
  if (name.endsWith('.in-addr.arpa')) return answerReverse(view, name, type);
  if (name !== zone && !name.endsWith(`.${zone}`)) return answerOutside(view, name, type);
  if (name === zone) return answerApex(view, type);
  // Of texts it knows one, and says of no name that it does not exist.
  if (type === 'TXT') {
    if (name !== `dns-version.${zone}`) return notFound(view, 'NOERROR');
    return found([{ type: 'TXT', name, ttl: schemaTtl, data: '1.1.0' }]);
  }
  if (name === `ns.dns.${zone}`) return answerNameServer(view, name, type);
  const request = parseName(name);
  if (request === undefined) return notFound(view, 'NXDOMAIN');
  const hosts = request.kind === 'pod' ? findPod(view, request) : findService(view, request);
  if (hosts === undefined) return notFound(view, 'NXDOMAIN');
  const records =
    type === 'SRV' ? serviceRecords(name, hosts) : addressRecords(view, { name, type, aliases }, hosts);
  return records.answers.length === 0 ? notFound(view, 'NOERROR') : records;
}

/** What the world's name servers answer, which CoreDNS's forward plugin passes on. */
function answerOutside(view: ZoneView, name: string, type: string): ZoneAnswer {
  const address = view.outsideAddress?.(name);
  if (address === undefined) return { ...nothing, rcode: 'NXDOMAIN', authoritative: false };
  const answers = outsideRecords(view, name, type);
  return { ...nothing, rcode: 'NOERROR', authoritative: false, answers };
}

function outsideRecords(view: ZoneView, name: string, type: string): readonly ZoneRecord[] {
  const address = view.outsideAddress?.(name);
  return address === undefined || type !== 'A' ? [] : [{ type: 'A', name, ttl, data: address }];
}

interface NameRequest {
  readonly kind: 'svc' | 'pod';
  readonly namespace: string;
  readonly name: string;
  readonly endpoint: string;
  readonly port: string;
  readonly protocol: string;
}

/** One host behind a name, as SkyDNS's msg.Service. */
interface Host {
  /** An address, or another name for ExternalName. */
  readonly host: string;
  readonly port: number;
  /** The name that the host has itself. */
  readonly key: string;
}

/** The parts of a name, from the right. Source: parse.go. */
function parseName(name: string): NameRequest | undefined {
  const labels = name.slice(0, -zone.length - 1).split('.');
  const kind = labels.pop();
  if (kind !== 'svc' && kind !== 'pod') return undefined;
  const [namespace = '', service = ''] = [labels.pop(), labels.pop()];
  const request = { kind, namespace, name: service, endpoint: '', port: '', protocol: '' } as const;
  if (labels.length === 0) return request;
  if (labels.length === 1) return { ...request, endpoint: labels[0] ?? '' };
  if (labels.length === 2) {
    const [port = '', protocol = ''] = labels.map((label) => label.replace(/^_/, ''));
    return { ...request, port, protocol };
  }
  return undefined;
}

/** `undefined` for a name that does not exist, an empty list for one without records of its own. */
function findPod(view: ZoneView, request: NameRequest): readonly Host[] | undefined {
  if (request.namespace === '') return [];
  if (!view.hasNamespace(request.namespace)) return undefined;
  if (request.name === '') return [];
  // Labels before the address are not looked at.
  const address = request.name.replaceAll('-', '.');
  const isAddress =
    /^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/.test(address) &&
    address.split('.').every((part) => Number(part) <= 255);
  if (!isAddress) return undefined;
  return [{ host: address, port: 0, key: `${request.name}.${request.namespace}.pod.${zone}` }];
}

function findService(view: ZoneView, request: NameRequest): readonly Host[] | undefined {
  if (request.namespace === '') return [];
  if (!view.hasNamespace(request.namespace)) return undefined;
  if (request.name === '') return [];
  const service = view.service(request.namespace, request.name);
  if (service === undefined) return undefined;
  const key = `${request.name}.${request.namespace}.svc.${zone}`;
  if (service.spec?.type === 'ExternalName') {
    const host = service.spec.externalName ?? '';
    // An address is no name that an alias could lead to.
    const isName = host !== '' && !/^[\d.]+$/.test(host);
    return request.endpoint === '' && isName ? [{ host, port: 0, key }] : undefined;
  }
  const isHeadless = service.spec?.clusterIP === 'None' || service.spec?.clusterIP === undefined;
  const hosts =
    isHeadless || request.endpoint !== ''
      ? endpointHosts(view.slicesOf(request.namespace, request.name), request, key)
      : (service.spec?.ports ?? [])
          .filter((port) => matchesPort(request, port.name ?? '', port.protocol ?? 'TCP'))
          .flatMap((port) =>
            (service.spec?.clusterIPs ?? []).map((host) => ({ host, port: port.port, key })),
          );
  return hosts.length === 0 ? undefined : hosts;
}

function endpointHosts(slices: readonly EndpointSlice[], request: NameRequest, key: string): readonly Host[] {
  return slices
    .filter((slice) => slice.addressType === 'IPv4')
    .flatMap((slice) => {
      // Null on the wire for a Service without ports, which is nevertheless asked for by its name.
      const ports = (slice.ports ?? []).length === 0 ? [{ port: -1 }] : (slice.ports ?? []);
      return (slice.endpoints ?? []).filter(isReady).flatMap((endpoint) =>
        endpoint.addresses.flatMap((address) => {
          const hostname = endpointHostname(endpoint, address);
          if (request.endpoint !== '' && request.endpoint !== hostname) return [];
          return ports
            .filter((port) =>
              matchesPort(
                request,
                'name' in port ? (port.name ?? '') : '',
                'protocol' in port ? (port.protocol ?? 'TCP') : 'TCP',
              ),
            )
            .map((port) => ({ host: address, port: port.port ?? 0, key: `${hostname}.${key}` }));
        }),
      );
    });
}

function isReady(endpoint: Endpoint): boolean {
  return endpoint.conditions?.ready !== false;
}

/** The endpoint's own label: its hostname, or its address with hyphens. */
function endpointHostname(endpoint: Endpoint, address: string): string {
  return endpoint.hostname !== undefined && endpoint.hostname !== ''
    ? endpoint.hostname
    : address.replaceAll('.', '-');
}

/** Source: matchPortAndProtocol; an empty part of the question matches everything. */
function matchesPort(request: NameRequest, port: string, protocol: string): boolean {
  const protocolMatches = request.protocol === '' || request.protocol === protocol.toLowerCase();
  return protocolMatches && (request.port === '' || request.port === port.toLowerCase());
}

function addressRecords(
  view: ZoneView,
  { name, type, aliases }: { readonly name: string; readonly type: string; readonly aliases: number },
  hosts: readonly Host[],
): ZoneAnswer {
  const alias = hosts.find(({ host }) => !/^[\d.]+$/.test(host));
  if (alias !== undefined) {
    if (!['A', 'AAAA', 'CNAME'].includes(type)) return found([]);
    const record: ZoneRecord = { type: 'CNAME', name, ttl, data: alias.host };
    const target = alias.host.toLowerCase();
    if (type === 'CNAME') return found([record]);
    // What the world's name servers say of the target comes with the alias. Source: A in plugin/backend_lookup.go.
    if (!target.endsWith(`.${zone}`)) return found([record, ...outsideRecords(view, target, type)]);
    // Within the zone an alias that leads nowhere is left out altogether.
    if (target === name || aliases >= maxAliases) return found([]);
    const { answers } = answerName(view, target, type, aliases + 1);
    return found(answers.length === 0 ? [] : [record, ...answers]);
  }
  if (type !== 'A') return found([]);
  const addresses = [...new Set(hosts.map(({ host }) => host))];
  return found(addresses.map((data) => ({ type: 'A', name, ttl, data })));
}

/** Source: plugin.SRV in backend_lookup.go: weights of one priority add up to 100. */
function serviceRecords(name: string, all: readonly Host[]): ZoneAnswer {
  // Other names have no SRV records here. Source: Services in kubernetes.go.
  const hosts = all.filter(({ host }) => /^[\d.]+$/.test(host));
  const weight = Math.floor(100 / Math.max(1, hosts.length));
  const answers = new Map<string, ZoneRecord>();
  const additionals = new Map<string, ZoneRecord>();
  for (const { host, port, key } of hosts) {
    const data = { priority: 0, weight, port: Math.max(0, port), target: key };
    answers.set(`${key}:${port}`, { type: 'SRV', name, ttl, data });
    additionals.set(`${key}/${host}`, { type: 'A', name: key, ttl, data: host });
  }
  return { ...found([...answers.values()]), additionals: [...additionals.values()] };
}

/** Source: reverse.go: Services before endpoints; what is neither goes on to the world, which knows nothing. */
function answerReverse(view: ZoneView, name: string, type: string): ZoneAnswer {
  const address = name.slice(0, -'.in-addr.arpa'.length).split('.').reverse().join('.');
  const ofServices = serviceOwners(view, address);
  const owners = ofServices.length > 0 ? ofServices : endpointOwners(view, address);
  if (owners.length === 0 || type !== 'PTR') return { ...nothing, rcode: 'NXDOMAIN', authoritative: false };
  return found([...new Set(owners)].map((data) => ({ type: 'PTR', name, ttl, data })));
}

function serviceOwners(view: ZoneView, address: string): readonly string[] {
  return view
    .services()
    .filter((service) => service.spec?.clusterIPs?.includes(address) === true)
    .map(({ metadata }) => `${metadata.name}.${metadata.namespace}.svc.${zone}`)
    .slice(0, 1);
}

function endpointOwners(view: ZoneView, address: string): readonly string[] {
  return view.slices().flatMap((slice) => {
    const service = slice.metadata.labels?.['kubernetes.io/service-name'];
    return (slice.endpoints ?? [])
      .filter(
        (endpoint) => service !== undefined && isReady(endpoint) && endpoint.addresses.includes(address),
      )
      .map(
        (endpoint) =>
          `${endpointHostname(endpoint, address)}.${service}.${slice.metadata.namespace}.svc.${zone}`,
      );
  });
}

function answerApex(view: ZoneView, type: string): ZoneAnswer {
  if (type === 'SOA') return found([soa(view)]);
  if (type !== 'NS') return notFound(view, 'NOERROR');
  const address = view.dnsAddress();
  const name = `kube-dns.kube-system.svc.${zone}`;
  const glue: readonly ZoneRecord[] = address === undefined ? [] : [{ type: 'A', name, ttl, data: address }];
  return { ...found([{ type: 'NS', name: zone, ttl, data: name }]), additionals: glue };
}

function answerNameServer(view: ZoneView, name: string, type: string): ZoneAnswer {
  const address = view.dnsAddress();
  if (type !== 'A' || address === undefined) return notFound(view, 'NOERROR');
  return found([{ type: 'A', name, ttl, data: address }]);
}

const nothing = { answers: [], authorities: [], additionals: [] } as const;

function found(answers: readonly ZoneRecord[]): ZoneAnswer {
  return { ...nothing, rcode: 'NOERROR', authoritative: true, answers };
}

function notFound(view: ZoneView, rcode: ZoneAnswer['rcode']): ZoneAnswer {
  return { ...nothing, rcode, authoritative: true, authorities: [soa(view)] };
}

function soa(view: ZoneView): ZoneRecord {
  const times = { serial: view.nowSeconds(), refresh: 7200, retry: 1800, expire: 86400, minimum: ttl };
  return {
    type: 'SOA',
    name: zone,
    ttl,
    data: { mname: `ns.dns.${zone}`, rname: `hostmaster.${zone}`, ...times },
  };
}
