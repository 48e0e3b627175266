/**
 * What CoreDNS's kubernetes plugin answers for the zones `cluster.local`, `in-addr.arpa` and `ip6.arpa`, from Services,
 * EndpointSlices and namespaces.
 * Source: coredns/plugin/kubernetes (handler.go, kubernetes.go), plugin/backend_lookup.go and plugin/etcd/msg, with
 * kubeadm's Corefile (`pods insecure`, `fallthrough in-addr.arpa ip6.arpa`, `ttl 30`), which keeps the cache off for this
 * zone (`disable success`, `disable denial`): a name exists as soon as its Service does, however often it was asked for.
 * Left out: `endpoint_pod_names`, the cache for names outside.
 */
import {
  addressType,
  clusterZone,
  findHosts,
  type Host,
  ownersOf,
  parseName,
  type ZoneView,
} from './zone-view.ts';

/** A record, as plain JSON. Names have no final dot. */
export type ZoneRecord =
  | {
      readonly type: 'A' | 'AAAA' | 'CNAME' | 'PTR' | 'NS' | 'TXT';
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

/** Seconds that an answer may be kept; also the minimum of the SOA, and the most that the cache plugin lets pass. */
const ttl = 30;

const zones = [clusterZone, 'in-addr.arpa', 'ip6.arpa'];

/** Answers one question; the name has no final dot and may be in any case, which the answer keeps. */
export function answerQuestion(
  view: ZoneView,
  question: { readonly name: string; readonly type: string },
): ZoneAnswer {
  const name = question.name.toLowerCase();
  const answer = answerName(view, name, question.type, 0);
  if (name === question.name) return answer;
  const zone = zones.find((each) => isWithin(name, each)) ?? '';
  const asked = zone === '' ? '' : question.name.slice(-zone.length);
  const withCase = (records: readonly ZoneRecord[]) => records.map((record) => keepCase(record, zone, asked));
  return {
    ...answer,
    answers: answer.answers.map((record) =>
      record.name === name
        ? { ...keepCase(record, zone, asked), name: question.name }
        : keepCase(record, zone, asked),
    ),
    authorities: withCase(answer.authorities),
    additionals: withCase(answer.additionals),
  };
}

/** Names that are made from the zone have it as it was written in the question, but those that aliases lead to. */
function keepCase(record: ZoneRecord, zone: string, asked: string): ZoneRecord {
  const inZone = (text: string) =>
    zone !== '' && isWithin(text, zone) ? `${text.slice(0, -zone.length)}${asked}` : text;
  const named = { ...record, name: inZone(record.name) };
  if (named.type === 'SRV') return { ...named, data: { ...named.data, target: inZone(named.data.target) } };
  if (named.type === 'NS') return { ...named, data: inZone(named.data) };
  if (named.type !== 'SOA') return named;
  const { mname, rname } = named.data;
  return { ...named, data: { ...named.data, mname: inZone(mname), rname: inZone(rname) } };
}

function isWithin(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}

/** Aliases within the zone that are followed one after the other. Source: plugin/backend_lookup.go, A. */
const maxAliases = 8;

function answerName(view: ZoneView, name: string, type: string, aliases: number): ZoneAnswer {
  const zone = zones.find((each) => isWithin(name, each));
  if (zone === undefined) return answerOutside(view, name, type);
  if (name === zone) return answerApex(view, zone, type);
  // That a name below has no SOA is said without looking whether it exists.
  if (type === 'SOA') return notFound(view, zone, 'NOERROR');
  if (zone !== clusterZone) return answerReverse(view, name, type);
  if (name === `dns-version.${zone}` && type === 'TXT')
    return found([{ type: 'TXT', name, ttl, data: '1.1.0' }]);
  if (name === `ns.dns.${zone}` && type !== 'TXT' && type !== 'PTR')
    return answerNameServer(view, name, type);
  const request = parseName(name);
  const hosts = request === undefined ? undefined : findHosts(view, request);
  // A text is not there either for a name that is only above others.
  if (hosts === undefined || (type === 'TXT' && hosts.length === 0)) return notFound(view, zone, 'NXDOMAIN');
  const records =
    type === 'SRV' ? serviceRecords(name, hosts) : addressRecords(view, { name, type, aliases }, hosts);
  return records.answers.length === 0 ? notFound(view, zone, 'NOERROR') : records;
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

function addressRecords(
  view: ZoneView,
  { name, type, aliases }: { readonly name: string; readonly type: string; readonly aliases: number },
  hosts: readonly Host[],
): ZoneAnswer {
  const alias = hosts.find(({ host }) => addressType(host) === undefined);
  if (alias === undefined) {
    const addresses = [...new Set(hosts.map(({ host }) => host))];
    return found(
      addresses.flatMap((data): ZoneRecord[] => {
        const own = addressType(data);
        return own === undefined || own !== type ? [] : [{ type: own, name, ttl, data }];
      }),
    );
  }
  if (!['A', 'AAAA', 'CNAME'].includes(type)) return found([]);
  const record: ZoneRecord = { type: 'CNAME', name, ttl, data: alias.host };
  const target = alias.host.toLowerCase();
  if (type === 'CNAME') return found([record]);
  // What the world's name servers say of the target comes with the alias. Source: A in plugin/backend_lookup.go.
  if (!isWithin(target, clusterZone)) return found([record, ...outsideRecords(view, target, type)]);
  // Within the zone an alias that leads nowhere is left out altogether.
  if (target === name || aliases >= maxAliases) return found([]);
  const { answers } = answerName(view, target, type, aliases + 1);
  return found(answers.length === 0 ? [] : [record, ...answers]);
}

/** Source: plugin.SRV in backend_lookup.go: weights of one priority add up to 100. */
function serviceRecords(name: string, all: readonly Host[]): ZoneAnswer {
  // Other names have no SRV records here. Source: Services in kubernetes.go.
  const hosts = all.filter(({ host }) => addressType(host) !== undefined);
  const weight = Math.max(1, Math.floor(100 / Math.max(1, hosts.length)));
  const answers = new Map<string, ZoneRecord>();
  const additionals = new Map<string, ZoneRecord>();
  for (const { host, port, key } of hosts) {
    const type = addressType(host);
    if (port < 0 || type === undefined) continue;
    const data = { priority: 0, weight, port, target: key };
    answers.set(`${key}:${port}`, { type: 'SRV', name, ttl, data });
    additionals.set(`${key}/${host}`, { type, name: key, ttl, data: host });
  }
  return { ...found([...answers.values()]), additionals: [...additionals.values()] };
}

/** What is nobody's falls through to the world, which knows nothing of it either. Source: reverse.go. */
function answerReverse(view: ZoneView, name: string, type: string): ZoneAnswer {
  const owners = type === 'PTR' ? ownersOf(view, name) : [];
  if (owners.length === 0) return { ...nothing, rcode: 'NXDOMAIN', authoritative: false };
  return found(owners.map((data) => ({ type: 'PTR', name, ttl, data })));
}

function answerApex(view: ZoneView, zone: string, type: string): ZoneAnswer {
  if (type === 'SOA') return found([soa(view, zone)]);
  if (type === 'TXT') return notFound(view, zone, 'NXDOMAIN');
  if (type !== 'NS') return notFound(view, zone, 'NOERROR');
  const address = view.dnsAddress();
  const name = `kube-dns.kube-system.svc.${zone}`;
  const glue: readonly ZoneRecord[] = address === undefined ? [] : [{ type: 'A', name, ttl, data: address }];
  return { ...found([{ type: 'NS', name: zone, ttl, data: name }]), additionals: glue };
}

function answerNameServer(view: ZoneView, name: string, type: string): ZoneAnswer {
  const address = view.dnsAddress();
  if (type !== 'A' || address === undefined) return notFound(view, clusterZone, 'NOERROR');
  return found([{ type: 'A', name, ttl, data: address }]);
}

const nothing = { answers: [], authorities: [], additionals: [] } as const;

function found(answers: readonly ZoneRecord[]): ZoneAnswer {
  return { ...nothing, rcode: 'NOERROR', authoritative: true, answers };
}

function notFound(view: ZoneView, zone: string, rcode: ZoneAnswer['rcode']): ZoneAnswer {
  return { ...nothing, rcode, authoritative: true, authorities: [soa(view, zone)] };
}

function soa(view: ZoneView, zone: string): ZoneRecord {
  const times = { serial: view.nowSeconds(), refresh: 7200, retry: 1800, expire: 86400, minimum: ttl };
  return {
    type: 'SOA',
    name: zone,
    ttl,
    data: { mname: `ns.dns.${zone}`, rname: `hostmaster.${zone}`, ...times },
  };
}
