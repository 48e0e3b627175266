/** Where objects name others, so that a new name is told everywhere. Source: sigs.k8s.io/kustomize/api, namereference.go. */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';

/** A path of keys to a name, whatever lists lie between, and the kind that is named there. */
interface Reference {
  readonly path: readonly string[];
  readonly kind: string;
}

const references: readonly Reference[] = [
  { path: ['configMapRef', 'name'], kind: 'ConfigMap' },
  { path: ['configMapKeyRef', 'name'], kind: 'ConfigMap' },
  { path: ['configMap', 'name'], kind: 'ConfigMap' },
  { path: ['secretRef', 'name'], kind: 'Secret' },
  { path: ['secretKeyRef', 'name'], kind: 'Secret' },
  { path: ['secret', 'name'], kind: 'Secret' },
  { path: ['secret', 'secretName'], kind: 'Secret' },
  { path: ['tls', 'secretName'], kind: 'Secret' },
  { path: ['imagePullSecrets', 'name'], kind: 'Secret' },
  { path: ['secrets', 'name'], kind: 'Secret' },
  { path: ['spec', 'serviceAccountName'], kind: 'ServiceAccount' },
  { path: ['backend', 'service', 'name'], kind: 'Service' },
  { path: ['defaultBackend', 'service', 'name'], kind: 'Service' },
  { path: ['spec', 'serviceName'], kind: 'Service' },
  { path: ['spec', 'ingressClassName'], kind: 'IngressClass' },
  { path: ['spec', 'volumeName'], kind: 'PersistentVolume' },
  { path: ['spec', 'storageClassName'], kind: 'StorageClass' },
  { path: ['spec', 'priorityClassName'], kind: 'PriorityClass' },
  { path: ['persistentVolumeClaim', 'claimName'], kind: 'PersistentVolumeClaim' },
];

/** Where a kind stands beside the name. */
const kindedParents: readonly string[] = ['scaleTargetRef', 'roleRef', 'subjects'];

/** Finds the new name of an object by its kind and old name; undefined when it keeps it. */
export type Renames = (kind: string, name: string) => string | undefined;

/** The object with all names that it uses brought up to date; its own is left alone. */
export function renameReferences(object: JsonObject, renames: Renames): JsonObject {
  const { metadata, ...rest } = object;
  const renamed = renameIn(rest, [], renames);
  const body = isJsonObject(renamed) ? renamed : rest;
  return metadata === undefined ? body : { ...body, metadata };
}

function renameIn(value: JsonValue, trail: readonly string[], renames: Renames): JsonValue {
  if (Array.isArray(value)) return value.map((item) => renameIn(item, trail, renames));
  if (!isJsonObject(value)) return value;
  const parent = trail.at(-1) ?? '';
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const path = [...trail, key];
      if (typeof inner !== 'string') return [key, renameIn(inner, path, renames)];
      if (key === 'name' && kindedParents.includes(parent) && typeof value.kind === 'string')
        return [key, renames(value.kind, inner) ?? inner];
      const reference = references.find(
        (one) =>
          one.path.length <= path.length &&
          one.path.every((step, at) => path.at(at - one.path.length) === step),
      );
      return [key, (reference === undefined ? undefined : renames(reference.kind, inner)) ?? inner];
    }),
  );
}
