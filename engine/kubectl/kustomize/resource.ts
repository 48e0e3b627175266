/** One object on its way through a kustomization. */
import { matchesLabels, parseLabelSelector } from '../../api/selectors/label-selector.ts';
import type { JsonObject } from '../../base/json.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { objectAt, stringAt, stringMapAt, withValueAt } from '../rest/object-fields.ts';
import { splitApiVersion } from '../rest/rest-mapper.ts';

/** An object, and whether a hash of its content still has to be put behind its name. */
export interface KustomizeResource {
  readonly object: JsonObject;
  readonly needsHash: boolean;
  /** The name that it had before it got a prefix or suffix. */
  readonly origin?: string;
}

/** Which objects something is about; a missing field takes every one. */
export interface Target {
  readonly group?: string | undefined;
  readonly version?: string | undefined;
  readonly kind?: string | undefined;
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly annotationSelector?: string | undefined;
}

/** Reads a selector of a kustomization. */
export function readTarget(target: JsonObject): Target {
  const field = (name: string) => stringAt(target, name) || undefined;
  return {
    group: field('group'),
    version: field('version'),
    kind: field('kind'),
    name: field('name'),
    namespace: field('namespace'),
    labelSelector: field('labelSelector'),
    annotationSelector: field('annotationSelector'),
  };
}

/** Whether an object is meant; texts are regular expressions for the whole name, as in kustomize. */
export function isTarget(object: JsonObject, target: Target): boolean {
  const { group, version } = splitApiVersion(stringAt(object, 'apiVersion'));
  const facts: readonly (readonly [string | undefined, string])[] = [
    [target.group, group],
    [target.version, version],
    [target.kind, stringAt(object, 'kind')],
    [target.name, stringAt(object, 'metadata', 'name')],
    [target.namespace, stringAt(object, 'metadata', 'namespace')],
  ];
  return (
    facts.every(([pattern, text]) => pattern === undefined || matchesWhole(pattern, text)) &&
    matchesPairs(stringMapAt(object, 'metadata', 'labels'), target.labelSelector) &&
    matchesPairs(stringMapAt(object, 'metadata', 'annotations'), target.annotationSelector)
  );
}

function matchesPairs(pairs: ReadonlyMap<string, string>, selector: string | undefined): boolean {
  if (selector === undefined) return true;
  const requirements = parseLabelSelector(selector);
  return requirements.ok && matchesLabels(requirements.value, Object.fromEntries(pairs));
}

/** `.*` and `|` are what people write; other expressions are taken for plain text. */
function matchesWhole(pattern: string, text: string): boolean {
  return pattern.split('|').some((part) => {
    const [head = '', ...rest] = part.replace(/^\^/, '').replace(/\$$/, '').split('.*');
    if (rest.length === 0) return head === text;
    const tail = rest.at(-1) ?? '';
    let at = head.length;
    for (const middle of rest.slice(0, -1)) {
      const found = text.indexOf(middle, at);
      if (found < 0) return false;
      at = found + middle.length;
    }
    return text.startsWith(head) && text.endsWith(tail) && text.length - tail.length >= at;
  });
}

/** The object with pairs added to a map of strings; pairs that are there are replaced. */
export function withPairs(object: JsonObject, path: readonly string[], pairs: JsonObject): JsonObject {
  if (Object.keys(pairs).length === 0) return object;
  return withValueAt(object, path, { ...objectAt(object, ...path), ...pairs });
}

const first: readonly string[] = [
  'Namespace',
  'ResourceQuota',
  'StorageClass',
  'CustomResourceDefinition',
  'ServiceAccount',
  'PodSecurityPolicy',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
  'ConfigMap',
  'Secret',
  'Endpoints',
  'Service',
  'LimitRange',
  'PriorityClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'PodDisruptionBudget',
];
const last: readonly string[] = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];

/** The order in which kustomize prints. Source: sigs.k8s.io/kustomize/api, SortOrderTransformer, legacy order. */
export function sortResources(objects: readonly JsonObject[]): readonly JsonObject[] {
  const rank = (kind: string) => {
    const early = first.indexOf(kind);
    if (early >= 0) return early - first.length;
    return last.includes(kind) ? 1 + last.indexOf(kind) : 0;
  };
  const key = (object: JsonObject) => {
    const { group, version } = splitApiVersion(stringAt(object, 'apiVersion'));
    const id = [stringAt(object, 'metadata', 'namespace'), stringAt(object, 'metadata', 'name')];
    return [group, version, stringAt(object, 'kind'), ...id].join('_');
  };
  return [...objects].sort(
    (a, b) => rank(stringAt(a, 'kind')) - rank(stringAt(b, 'kind')) || compareKeys(key(a), key(b)),
  );
}
