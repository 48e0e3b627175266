/** What the fields of a kustomization change in its objects. Source: sigs.k8s.io/kustomize/api, builtin transformers. */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { objectAt, objectsAt, stringAt, valueAt, withValueAt } from '../rest/object-fields.ts';
import { withPairs } from './resource.ts';

/** Kinds without a namespace, as kustomize knows them. */
const clusterKinds: ReadonlySet<string> = new Set([
  'APIService',
  'CSIDriver',
  'CSINode',
  'CertificateSigningRequest',
  'ClusterRole',
  'ClusterRoleBinding',
  'ComponentStatus',
  'CustomResourceDefinition',
  'GatewayClass',
  'IngressClass',
  'MutatingWebhookConfiguration',
  'Namespace',
  'Node',
  'PersistentVolume',
  'PriorityClass',
  'RuntimeClass',
  'StorageClass',
  'ValidatingWebhookConfiguration',
  'VolumeAttachment',
]);

/** Kinds that keep their names. */
const fixedNames: ReadonlySet<string> = new Set(['APIService', 'CustomResourceDefinition', 'Namespace']);

const templatedKinds: ReadonlySet<string> = new Set([
  'DaemonSet',
  'Deployment',
  'Job',
  'ReplicaSet',
  'ReplicationController',
  'StatefulSet',
]);

function templatePath(object: JsonObject): readonly string[] | undefined {
  const kind = stringAt(object, 'kind');
  if (kind === 'CronJob') return ['spec', 'jobTemplate', 'spec', 'template'];
  return templatedKinds.has(kind) ? ['spec', 'template'] : undefined;
}

/** Sets the namespace; a Namespace gets its name. */
export function setNamespace(object: JsonObject, namespace: string): JsonObject {
  const kind = stringAt(object, 'kind');
  if (kind === 'Namespace') return withValueAt(object, ['metadata', 'name'], namespace);
  const bound = /^(?:Cluster)?RoleBinding$/.test(kind) ? withSubjectsIn(object, namespace) : object;
  return clusterKinds.has(kind) ? bound : withValueAt(bound, ['metadata', 'namespace'], namespace);
}

/** A ServiceAccount named `default` is that of the namespace. */
function withSubjectsIn(object: JsonObject, namespace: string): JsonObject {
  if (!Array.isArray(object.subjects)) return object;
  const subjects = objectsAt(object, 'subjects').map((subject) =>
    stringAt(subject, 'kind') === 'ServiceAccount' && stringAt(subject, 'name') === 'default'
      ? { ...subject, namespace }
      : subject,
  );
  return { ...object, subjects };
}

/** Puts texts around the name. */
export function rename(object: JsonObject, prefix: string, suffix: string): JsonObject {
  if ((prefix === '' && suffix === '') || fixedNames.has(stringAt(object, 'kind'))) return object;
  return withValueAt(object, ['metadata', 'name'], prefix + stringAt(object, 'metadata', 'name') + suffix);
}

/** How far labels reach. */
export interface LabelReach {
  readonly selectors: boolean;
  readonly templates: boolean;
}

/** Adds labels to the object, and where they reach so far, to templates and selectors. */
export function addLabels(object: JsonObject, labels: JsonObject, reach: LabelReach): JsonObject {
  let changed = withPairs(object, ['metadata', 'labels'], labels);
  const template = templatePath(object);
  const kind = stringAt(object, 'kind');
  if (template !== undefined && (reach.templates || reach.selectors)) {
    changed = withPairs(changed, [...template, 'metadata', 'labels'], labels);
    for (const [index, claim] of objectsAt(changed, 'spec', 'volumeClaimTemplates').entries()) {
      const claims = objectsAt(changed, 'spec', 'volumeClaimTemplates');
      const next = withPairs(claim, ['metadata', 'labels'], labels);
      changed = withValueAt(changed, ['spec', 'volumeClaimTemplates'], claims.toSpliced(index, 1, next));
    }
  }
  if (!reach.selectors) return changed;
  if (
    kind === 'Service' &&
    (valueAt(object, 'spec', 'selector') !== undefined || Object.keys(objectAt(object, 'spec')).length > 0)
  )
    return withPairs(changed, ['spec', 'selector'], labels);
  if (kind === 'ReplicationController') return withPairs(changed, ['spec', 'selector'], labels);
  if (['Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet'].includes(kind))
    return withPairs(changed, ['spec', 'selector', 'matchLabels'], labels);
  if (kind === 'PodDisruptionBudget' && valueAt(object, 'spec', 'selector') !== undefined)
    return withPairs(changed, ['spec', 'selector', 'matchLabels'], labels);
  if (kind === 'NetworkPolicy') return withPolicyLabels(changed, labels);
  return changed;
}

/** In a NetworkPolicy only selectors that name labels already get more. */
function withPolicyLabels(object: JsonObject, labels: JsonObject): JsonObject {
  const widen = (value: JsonValue): JsonValue => {
    if (Array.isArray(value)) return value.map(widen);
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        const isSelector = key === 'podSelector' && isJsonObject(inner) && inner.matchLabels !== undefined;
        return [key, isSelector ? withPairs(inner, ['matchLabels'], labels) : widen(inner)];
      }),
    );
  };
  const spec = widen(objectAt(object, 'spec'));
  return { ...object, spec };
}

/** Adds annotations to the object and to the Pods that it makes. */
export function addAnnotations(object: JsonObject, annotations: JsonObject): JsonObject {
  const template = templatePath(object);
  const changed = withPairs(object, ['metadata', 'annotations'], annotations);
  return template === undefined
    ? changed
    : withPairs(changed, [...template, 'metadata', 'annotations'], annotations);
}

/** One entry of `images`. */
export interface ImageChange {
  readonly name: string;
  readonly newName?: string | undefined;
  readonly newTag?: string | undefined;
  readonly digest?: string | undefined;
}

/** Changes the images of all containers, wherever they stand. */
export function setImages(object: JsonObject, changes: readonly ImageChange[]): JsonObject {
  const walk = (value: JsonValue, key: string): JsonValue => {
    if (Array.isArray(value)) {
      const isContainers = key === 'containers' || key === 'initContainers';
      return value.map((item) =>
        isContainers && isJsonObject(item) ? withImage(item, changes) : walk(item, ''),
      );
    }
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, walk(inner, name)]));
  };
  const changed = walk(object, '');
  return isJsonObject(changed) ? changed : object;
}

function withImage(container: JsonObject, changes: readonly ImageChange[]): JsonObject {
  const image = stringAt(container, 'image');
  if (image === '') return container;
  let current = image;
  for (const change of changes) current = changedImage(current, change);
  return { ...container, image: current };
}

function changedImage(image: string, { name, newName, newTag, digest }: ImageChange): string {
  const at = image.indexOf('@');
  const withoutDigest = at < 0 ? image : image.slice(0, at);
  const colon = withoutDigest.indexOf(':', withoutDigest.lastIndexOf('/') + 1);
  const base = colon < 0 ? withoutDigest : withoutDigest.slice(0, colon);
  if (base !== name) return image;
  const target = newName ?? base;
  if (newTag !== undefined && digest !== undefined) return `${target}:${newTag}@${digest}`;
  if (newTag !== undefined) return `${target}:${newTag}`;
  return digest === undefined ? target + image.slice(base.length) : `${target}@${digest}`;
}

/** Sets the number of replicas of a workload. */
export function setReplicas(object: JsonObject, count: number): JsonObject {
  const kinds = ['Deployment', 'ReplicaSet', 'ReplicationController', 'StatefulSet'];
  return kinds.includes(stringAt(object, 'kind')) ? withValueAt(object, ['spec', 'replicas'], count) : object;
}
