/**
 * Why another backend than the wanted one was asked: another rule of the host won, or the canary beside the rule decided.
 */
import type { Ingress, Service } from '../api/types/kinds.ts';
import { services } from '../api/types/resources.ts';
import type { Cause, TrafficShare } from './cause.ts';
import type { ExplainView, IngressRuleFound } from './explain.ts';

/** A path of an Ingress, for a host. */
export interface HostRule {
  readonly host: string;
  readonly path: string;
  readonly pathType: string;
  readonly service: string;
  /** `Prefix /shop` */
  readonly text: string;
}

/** What won over the rule or canary that leads to the wanted Pods. */
export function explainIngressWinner(
  view: ExplainView,
  asked: {
    readonly path: string;
    readonly wanted?: { readonly labels: Readonly<Record<string, string>>; readonly namespace: string };
    readonly share?: TrafficShare;
  },
  found: IngressRuleFound,
  rules: readonly HostRule[],
): Cause | undefined {
  const { path, wanted, share } = asked;
  const { ingress, service, canary } = found;
  if (wanted === undefined || service === undefined) return undefined;
  const meant = view
    .list(services, wanted.namespace)
    .filter((candidate) => selects(candidate, wanted.labels))
    .map(({ metadata }) => metadata.name);
  // Rule and canary are for the same requests: when either leads to the wanted Pods, the canary's annotations decided.
  if (canary !== undefined && (meant.includes(canary.service) || meant.includes(service))) {
    return {
      code: 'ingress-canary',
      path,
      ingress,
      service,
      canary,
      wentTo: meant.includes(canary.service) ? service : canary.service,
      ...(share === undefined ? {} : { share }),
    };
  }
  if (meant.includes(service)) return undefined;
  const lost = rules.find((rule) => meant.includes(rule.service));
  return {
    code: 'ingress-rule-won',
    path,
    ingress,
    rule: ruleText(found),
    service,
    ...(lost === undefined
      ? {}
      : { lost: { rule: lost.text, service: lost.service, because: reasonOf(found, lost, path) } }),
  };
}

/** A rule that took a request, as it is written: `Prefix /shop`. */
export function ruleText({ pathType, path }: IngressRuleFound): string {
  return `${pathType} ${path}`;
}

/** Whether a path is another or stands below it, element by element. */
export function isBelow(path: string, above: string): boolean {
  return `${bare(path)}/`.startsWith(`${bare(above)}/`);
}

/** The paths that an Ingress has for a host. */
export function rulesOf(ingress: Ingress, host: string): readonly HostRule[] {
  return (ingress.spec?.rules ?? [])
    .filter((rule) => covers(rule.host ?? '', host) || rule.host === undefined)
    .flatMap((rule) =>
      (rule.http?.paths ?? []).map(({ path = '/', pathType, backend }) => ({
        host: rule.host ?? '',
        path,
        pathType,
        service: backend.service?.name ?? '',
        text: `${pathType} ${path}`,
      })),
    );
}

/** Whether a rule's host takes a name; a wildcard stands for one label. */
export function covers(host: string, name: string): boolean {
  if (!host.startsWith('*.')) return host === name;
  const dot = name.indexOf('.');
  return dot > 0 && name.slice(dot) === host.slice(1);
}

type Reason = 'host' | 'does-not-match' | 'exact' | 'longer' | 'older';

function reasonOf(found: IngressRuleFound, lost: HostRule, path: string): Reason {
  // Only the rules of the most specific host are asked.
  if (lost.host !== found.host) return 'host';
  if (!takes(lost, path)) return 'does-not-match';
  if (found.pathType === 'Exact' && lost.pathType !== 'Exact') return 'exact';
  return bare(found.path).length > bare(lost.path).length ? 'longer' : 'older';
}

function takes({ pathType, path: rulePath }: HostRule, path: string): boolean {
  if (pathType === 'Exact') return path === rulePath;
  return pathType === 'Prefix' ? isBelow(path, rulePath) : path.startsWith(rulePath);
}

function bare(path: string): string {
  return path.replace(/\/$/, '');
}

function selects(service: Service, labels: Readonly<Record<string, string>>): boolean {
  const selector = Object.entries(service.spec?.selector ?? {});
  const own = new Map(Object.entries(labels));
  return selector.length > 0 && selector.some(([key, value]) => own.get(key) === value);
}
