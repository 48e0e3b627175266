/** Why a name did not resolve: a policy that keeps the question from its servers, the Service of that name in another namespace, or the nearest spelling. */
import { distance } from 'fastest-levenshtein';
import { services } from '../api/types/resources.ts';
import type { Cause, ObjectName } from './cause.ts';
import type { ExplainView } from './explain.ts';
import { explainPolicyOnDns } from './explain-policy.ts';
import { placeOfVantage, type Vantage } from './probe.ts';

/** Names whose spelling differs by more than this are not taken for each other. */
const maxDistance = 2;

/** Why `name` does not resolve when `from` asks. */
export function explainName(view: ExplainView, from: Vantage, name: string): Cause {
  const denied = explainPolicyOnDns(view, from);
  if (denied !== undefined) return denied;
  const own = from.kind === 'pod' ? from.namespace : 'default';
  const [first = name, second] = name.split('.');
  const nearest = nearestNamed(
    view.list(services).map((service) => ({
      kind: 'Service',
      namespace: service.metadata.namespace ?? '',
      name: service.metadata.name,
    })),
    { kind: 'Service', namespace: second ?? own, name: first },
  );
  return {
    code: 'name-not-found',
    name,
    from: placeOfVantage(from),
    ...(nearest === undefined ? {} : { nearest }),
  };
}

/** The same name in another namespace first, then the nearest spelling in the same one. */
function nearestNamed(candidates: readonly ObjectName[], wanted: ObjectName): ObjectName | undefined {
  const others = candidates.filter(
    (candidate) => candidate.namespace !== wanted.namespace || candidate.name !== wanted.name,
  );
  const sameName = others.find((candidate) => candidate.name === wanted.name);
  if (sameName !== undefined) return sameName;
  return others
    .filter((candidate) => candidate.namespace === wanted.namespace)
    .map((candidate) => ({ candidate, far: distance(candidate.name, wanted.name) }))
    .filter(({ far }) => far <= maxDistance)
    .sort((a, b) => a.far - b.far)[0]?.candidate;
}
