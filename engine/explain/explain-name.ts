/**
 * Why a name did not resolve: a policy that keeps the question from its servers, a Service that is there but has nothing to
 * answer with, the Service of that name in another namespace, or the nearest spelling.
 */
import { distance } from 'fastest-levenshtein';
import type { Service } from '../api/types/kinds.ts';
import { pods, services } from '../api/types/resources.ts';
import type { Cause, ObjectName } from './cause.ts';
import type { ExplainView } from './explain.ts';
import { explainPolicyOnDns } from './explain-policy.ts';
import { explainNoEndpoints, hasEndpoints, objectName } from './explain-service.ts';
import { placeOfVantage, type Vantage } from './probe.ts';

/** Names whose spelling differs by more than this are not taken for each other. */
const maxDistance = 2;

/** Why `name` does not resolve when `from` asks. */
export function explainName(view: ExplainView, from: Vantage, name: string): Cause {
  const denied = explainPolicyOnDns(view, from);
  if (denied !== undefined) return denied;
  const own = from.kind === 'pod' ? from.namespace : 'default';
  const labels = (name.split(/\.svc(?:\.|$)/)[0] ?? name).split('.');
  const silent = explainSilentService(view, own, name, labels);
  if (silent !== undefined) return silent;
  const [first = name, second] = labels;
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
    from: placeOfVantage(view, from),
    ...(nearest === undefined ? {} : { nearest }),
  };
}

/** A Service, or the one above a Pod's name, that is there and yet gives the name no address. */
function explainSilentService(
  view: ExplainView,
  own: string,
  name: string,
  [first = '', second, third]: readonly string[],
): Cause | undefined {
  const find = (namespace: string, wanted: string) =>
    view.list(services, namespace).find(({ metadata }) => metadata.name === wanted);
  const service = find(second ?? own, first);
  if (service !== undefined) {
    const { type, externalName = '', clusterIP } = service.spec ?? {};
    if (type === 'ExternalName') {
      const isAddress = /^[\d.]+$/.test(externalName);
      const named = objectName('Service', service.metadata);
      return { code: 'external-name-unknown', service: named, externalName, isAddress };
    }
    return clusterIP === 'None' && !hasEndpoints(view, service)
      ? explainNoEndpoints(view, service)
      : undefined;
  }
  const above = second === undefined ? undefined : find(third ?? own, second);
  return above === undefined ? undefined : explainPodName(view, above, { name, hostname: first });
}

function explainPodName(
  view: ExplainView,
  service: Service,
  { name, hostname }: { readonly name: string; readonly hostname: string },
): Cause {
  const pod = view
    .list(pods, service.metadata.namespace)
    .find(({ metadata, spec }) => (spec?.hostname ?? metadata.name) === hostname);
  const subdomain = pod?.spec?.subdomain ?? '';
  if (pod !== undefined && subdomain === service.metadata.name) return explainNoEndpoints(view, service);
  return {
    code: 'pod-name-unpublished',
    name,
    service: objectName('Service', service.metadata),
    ...(pod === undefined ? {} : { pod: { pod: objectName('Pod', pod.metadata), subdomain } }),
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
