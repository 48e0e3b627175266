/**
 * How a manifest is changed into one that nearly does what it should: for each place in it, what somebody may have got
 * wrong there. The list is fixed, so that every exercise is measured by the same.
 */
import { isIP } from 'node:net';

/** A place in a document. */
export type Path = readonly (string | number)[];

/** One change: the value that the place gets, or `dropped`. */
export interface Change {
  readonly operator: string;
  readonly path: Path;
  readonly to: unknown;
}

/** Taken away with its key, or out of its list. */
export const dropped: unique symbol = Symbol('dropped');

/** Every change of one document, in the order of its places. */
export function changesOf(document: unknown): readonly Change[] {
  return walk(document, []);
}

function walk(value: unknown, path: Path): readonly Change[] {
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => {
      const at = [...path, index];
      return [...dropRule(path, at), ...changeScalar(item, at), ...walk(item, at)];
    });
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = [...path, key];
    const drop: Change = { operator: 'drop', path: at, to: dropped };
    return [drop, ...changeScalar(inner, at), ...walk(inner, at)];
  });
}

const ruleLists: ReadonlySet<string> = new Set([
  'ingress',
  'egress',
  'from',
  'to',
  'rules',
  'ports',
  'paths',
  'policyTypes',
  'endpoints',
  'addresses',
  'subsets',
  'hosts',
  'hostnames',
  'matches',
  'backendRefs',
  'loadBalancerSourceRanges',
]);

/** Rules, ports, paths and their like are dropped one by one; of other lists only what is in the items. */
function dropRule(list: Path, at: Path): readonly Change[] {
  return ruleLists.has(String(list.at(-1))) ? [{ operator: 'drop', path: at, to: dropped }] : [];
}

/** By what a place is called. */
function changeScalar(value: unknown, path: Path): readonly Change[] {
  const change = (operator: string, to: unknown): readonly Change[] => [{ operator, path, to }];
  const key = String(path.at(-1));
  const parents = path.slice(0, -1).map(String);
  const isBelow = (name: string) => parents.includes(name);
  const isAmount = ['hard', 'default', 'defaultRequest', 'max', 'min'].some(isBelow);
  if (typeof value === 'number') {
    const isPort = /port$/i.test(key) || (key === 'number' && parents.at(-1) === 'port');
    if (isPort) return change('port', value + 1);
    return isAmount ? change('quota', value + 1) : [];
  }
  if (typeof value !== 'string') return [];
  if (isAmount) return change('quota', `1${value}`);
  if (parents.at(-1) === 'policyTypes') return change('policy', otherPolicy(value));
  if (isBelow('labels')) return change('label', `${value}-x`);
  if (parents.some((parent) => /selector$|^matchLabels$/i.test(parent)))
    return change('selector', `${value}-x`);
  if (isIP(value) !== 0 || /^[0-9.]+\/[0-9]+$/.test(value)) return change('address', nextAddress(value));
  switch (key) {
    case 'protocol':
      return change('protocol', value === 'TCP' ? 'UDP' : 'TCP');
    case 'type':
      if (parents.at(-1) === 'path') return change('path type', otherPathType(value));
      return change('type', otherType(value));
    case 'pathType':
      return change('path type', otherPathType(value));
    case 'path':
      return change('path', `${value.replace(/\/$/, '')}/x`);
    case 'value':
      return parents.at(-1) === 'path' ? change('path', `${value.replace(/\/$/, '')}/x`) : [];
    case 'externalTrafficPolicy':
    case 'internalTrafficPolicy':
    case 'sessionAffinity':
      return change('policy', otherPolicy(value));
    case 'namespace':
      return change('namespace', value === 'default' ? 'kube-public' : 'default');
    case 'targetPort':
    case 'port':
      return change('port', `${value}-x`);
    default:
      if (
        /^(host|hosts|hostnames|hostname|externalName)$/.test(
          typeof path.at(-1) === 'number' ? String(path.at(-2)) : key,
        )
      )
        return change('host', `x${value}`);
      return /name$/i.test(key) ? change('name', `${value}-x`) : [];
  }
}

function otherPathType(type: string): string {
  const types: Readonly<Record<string, string>> = {
    Prefix: 'Exact',
    PathPrefix: 'Exact',
    Exact: 'Prefix',
    ImplementationSpecific: 'Exact',
  };
  return types[type] ?? `${type}X`;
}

function otherPolicy(policy: string): string {
  const policies: Readonly<Record<string, string>> = {
    Ingress: 'Egress',
    Egress: 'Ingress',
    Local: 'Cluster',
    Cluster: 'Local',
    ClientIP: 'None',
    None: 'ClientIP',
  };
  return policies[policy] ?? `${policy}X`;
}

function otherType(type: string): string {
  const services: Readonly<Record<string, string>> = {
    ClusterIP: 'NodePort',
    NodePort: 'ClusterIP',
    LoadBalancer: 'NodePort',
    ExternalName: 'ClusterIP',
    'kubernetes.io/tls': 'Opaque',
  };
  return services[type] ?? `${type}X`;
}

/** The neighbour: its last number one up, or one down where there is none above. */
function nextAddress(address: string): string {
  return address.replace(/([0-9a-f]+)(\/[0-9]+)?$/, (_, last: string, mask = '') =>
    last === '255' ? `254${mask}` : `${Number(last) + 1}${mask}`,
  );
}
