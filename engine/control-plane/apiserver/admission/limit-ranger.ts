/**
 * Gives containers the amounts that LimitRanges name for those that say nothing, and holds Pods and claims to their bounds.
 * Source: plugin/pkg/admission/limitranger.
 */
import { podQuantities, type Quantities, quantitiesAt } from '../../../api/objects/quantities.ts';
import { formatQuantity, type Quantity, quantityMilliValue } from '../../../api/quantity.ts';
import type { JsonObject } from '../../../base/json.ts';
import { err, ok } from '../../../base/result.ts';
import { type StoredObject, storeKey } from '../../store/store.ts';
import { nameOf, objectAt, objectsAt, stringAt, withKeys, withMetadata, withSpec } from '../object-access.ts';
import { forbidden, type Outcome } from '../refusals.ts';
import type { Call } from '../server-context.ts';
import { isPodCall } from './service-account.ts';

const annotation = 'kubernetes.io/limit-ranger';

/** Completes the containers of a new Pod. */
export function addLimitDefaults(call: Call, pod: JsonObject): Outcome<JsonObject> {
  return ok(isPodCall(call) ? limitRangesOf(call).reduce(mergeDefaults, pod) : pod);
}

function limitRangesOf(call: Call): readonly StoredObject[] {
  return [...call.server.store.list(storeKey('', 'limitranges', call.namespace, ''))].map(
    ([, range]) => range,
  );
}

function mergeDefaults(pod: JsonObject, range: StoredObject): JsonObject {
  const items = objectsAt(range, 'spec', 'limits').filter((item) => stringAt(item, 'type') === 'Container');
  const presets = (key: string): JsonObject =>
    Object.fromEntries(items.flatMap((item) => Object.entries(objectAt(item, key))));
  const [requests, limits] = [presets('defaultRequest'), presets('default')];
  const notes: string[] = [];
  const merge = (list: 'containers' | 'initContainers', word: string) =>
    objectsAt(pod, 'spec', list).map((container) => {
      const label = `${word} ${stringAt(container, 'name')}`;
      const resources = objectAt(container, 'resources');
      const given = { requests: objectAt(resources, 'requests'), limits: objectAt(resources, 'limits') };
      const added = { requests: missing(given.requests, requests), limits: missing(given.limits, limits) };
      for (const key of ['requests', 'limits'] as const) {
        const names = Object.keys(added[key]).sort();
        if (names.length > 0) notes.push(`${names.join(', ')} ${key.slice(0, -1)} for ${label}`);
      }
      const all = {
        ...resources,
        ...mergedList('limits', given.limits, added.limits),
        ...mergedList('requests', given.requests, added.requests),
      };
      return withKeys(container, { resources: all });
    });
  const containers = merge('containers', 'container');
  const initContainers = merge('initContainers', 'init container');
  if (notes.length === 0) return pod;
  const annotations = {
    ...objectAt(pod, 'metadata', 'annotations'),
    [annotation]: `LimitRanger plugin set: ${notes.join('; ')}`,
  };
  return withMetadata(
    withSpec(pod, { containers, initContainers: initContainers.length === 0 ? undefined : initContainers }),
    { annotations },
  );
}

function missing(given: JsonObject, presets: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(presets).filter(([name]) => !Object.hasOwn(given, name)));
}

function mergedList(key: string, given: JsonObject, added: JsonObject): JsonObject {
  const entries = Object.entries({ ...given, ...added }).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? {} : { [key]: Object.fromEntries(entries) };
}

/** Refuses a new Pod or claim that is out of bounds. */
export function checkLimits(call: Call, object: JsonObject): Outcome<true> {
  const isClaim = call.kind.group === '' && call.kind.plural === 'persistentvolumeclaims';
  if (call.subresource !== '' || (!isClaim && !isPodCall(call))) return ok(true);
  for (const range of limitRangesOf(call)) {
    const problems = objectsAt(range, 'spec', 'limits').flatMap((item) =>
      isClaim ? claimProblems(item, object) : podProblems(item, objectAt(object, 'spec')),
    );
    const texts = [...new Set(problems)];
    if (texts.length === 0) continue;
    const why = texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
    return err(forbidden(call.kind, nameOf(object), why));
  }
  return ok(true);
}

/** A claim can grow out of bounds, while the containers of a Pod stay. */
export function checkLimitsOfChange(call: Call, object: JsonObject): Outcome<true> {
  return isPodCall(call) ? ok(true) : checkLimits(call, object);
}

interface Amounts {
  readonly requests: Quantities;
  readonly limits: Quantities;
}

function claimProblems(item: JsonObject, claim: JsonObject): readonly string[] {
  const type = stringAt(item, 'type');
  if (type !== 'PersistentVolumeClaim') return [];
  const requests = quantitiesAt(objectAt(claim, 'spec', 'resources'), 'requests');
  const problems = each(item, 'min', (name, bound) =>
    minProblem({ type, name, bound }, { requests, limits: new Map() }),
  );
  const most = each(item, 'max', (name, bound) => {
    const words = `maximum ${name} usage per ${type} is ${formatQuantity(bound)}`;
    const request = requests.get(name);
    if (request === undefined) return `${words}.  No request is specified`;
    return isLess(bound, request) ? `${words}, but request is ${formatQuantity(request)}` : undefined;
  });
  return [...problems, ...most];
}

function podProblems(item: JsonObject, spec: JsonObject): readonly string[] {
  const type = stringAt(item, 'type');
  if (type === 'Pod') {
    const options = { withOverhead: false };
    const requests = podQuantities(spec, 'requests', options);
    return boundProblems(item, type, { requests, limits: podQuantities(spec, 'limits', options) });
  }
  if (type !== 'Container') return [];
  return [...objectsAt(spec, 'containers'), ...objectsAt(spec, 'initContainers')].flatMap((container) => {
    const resources = objectAt(container, 'resources');
    const requests = quantitiesAt(resources, 'requests');
    return boundProblems(item, type, { requests, limits: quantitiesAt(resources, 'limits') });
  });
}

function boundProblems(item: JsonObject, type: string, amounts: Amounts): readonly string[] {
  return [
    ...each(item, 'min', (name, bound) => minProblem({ type, name, bound }, amounts)),
    ...each(item, 'max', (name, bound) => maxProblem({ type, name, bound }, amounts)),
    ...each(item, 'maxLimitRequestRatio', (name, bound) => ratioProblem({ type, name, bound }, amounts)),
  ];
}

function each(
  item: JsonObject,
  key: string,
  check: (name: string, bound: Quantity) => string | undefined,
): readonly string[] {
  return [...quantitiesAt(item, key)].flatMap(([name, bound]) => check(name, bound) ?? []);
}

/** Amounts are compared in thousandths. */
function isLess(one: Quantity, other: Quantity): boolean {
  return quantityMilliValue(one) < quantityMilliValue(other);
}

interface Bound {
  /** Whom it is about: `Container`, `Pod`, `PersistentVolumeClaim`. */
  readonly type: string;
  readonly name: string;
  readonly bound: Quantity;
}

function minProblem({ type, name, bound }: Bound, { requests, limits }: Amounts): string | undefined {
  const words = `minimum ${name} usage per ${type} is ${formatQuantity(bound)}`;
  const [request, limit] = [requests.get(name), limits.get(name)];
  if (request === undefined) return `${words}.  No request is specified`;
  if (isLess(request, bound)) return `${words}, but request is ${formatQuantity(request)}`;
  if (limit !== undefined && isLess(limit, bound)) return `${words}, but limit is ${formatQuantity(limit)}`;
  return undefined;
}

function maxProblem({ type, name, bound }: Bound, { requests, limits }: Amounts): string | undefined {
  const words = `maximum ${name} usage per ${type} is ${formatQuantity(bound)}`;
  const [request, limit] = [requests.get(name), limits.get(name)];
  if (limit === undefined) return `${words}.  No limit is specified`;
  if (isLess(bound, limit)) return `${words}, but limit is ${formatQuantity(limit)}`;
  if (request !== undefined && isLess(bound, request)) {
    return `${words}, but request is ${formatQuantity(request)}`;
  }
  return undefined;
}

function ratioProblem({ type, name, bound }: Bound, { requests, limits }: Amounts): string | undefined {
  const words = `${name} max limit to request ratio per ${type} is ${formatQuantity(bound)}`;
  const [request, limit] = [requests.get(name), limits.get(name)];
  if (request === undefined || request.nano === 0n) {
    return `${words}, but no request is specified or request is 0`;
  }
  if (limit === undefined || limit.nano === 0n) return `${words}, but no limit is specified or limit is 0`;
  const ratio = Number(quantityMilliValue(limit)) / Number(quantityMilliValue(request));
  if (ratio * 1000 <= Number(quantityMilliValue(bound))) return undefined;
  return `${words}, but provided ratio is ${ratio.toFixed(6)}`;
}
