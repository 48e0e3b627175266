/**
 * What Kubernetes says about hosts and paths, read word by word and looked up by walking over everything: the judge of the
 * indexed routes. Source: kubernetes.io, Concepts, Ingress: path types, multiple matches, hostname wildcards.
 */
import type { Ingress } from '../../../api/types/kinds.ts';

/** A path of a rule. */
export interface NaiveMatch {
  readonly ingress: string;
  readonly service: string;
}

/** The backend of a request, or undefined for the controller's own answer; the older Ingress stands first in the list. */
export function findNaively(all: readonly Ingress[], host: string, path: string): NaiveMatch | undefined {
  const rules = all.flatMap((ingress) =>
    (ingress.spec?.rules ?? []).flatMap((rule) =>
      (rule.http?.paths ?? []).map((entry) => ({ ingress, host: rule.host ?? '', ...entry })),
    ),
  );
  const hosts = new Set(all.flatMap(({ spec }) => (spec?.rules ?? []).map((rule) => rule.host ?? '')));
  // A precise host counts before a wildcard, and a wildcard before rules without one.
  const wildcard = host.replace(/^[^.]+/, '*');
  const served = [host, ...(host.includes('.') ? [wildcard] : []), ''].find((known) => hosts.has(known));
  const candidates = rules.filter(
    (rule) => rule.host === served && matches(rule.pathType, rule.path ?? '/', path),
  );
  const [best] = candidates.toSorted((a, b) => {
    const [one, other] = [a, b].map(({ pathType }) => (pathType === 'Exact' ? 1 : 0));
    return (other ?? 0) - (one ?? 0) || elements(b.path).length - elements(a.path).length;
  });
  return best && { ingress: best.ingress.metadata.name, service: best.backend.service?.name ?? '' };
}

function matches(pathType: string, rule: string, path: string): boolean {
  if (pathType === 'Exact') return rule === path;
  const [wanted, asked] = [elements(rule), elements(path)];
  return wanted.every((element, index) => asked[index] === element);
}

function elements(path = '/'): readonly string[] {
  return path.replace(/\/$/, '').split('/').slice(1);
}
