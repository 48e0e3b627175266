/**
 * The files that a Pod's volumes put into a container. Source: pkg/volume (configmap, secret, downwardapi, projected).
 * Left out: file modes and links. Volumes that need storage are empty folders.
 */
import type { Container, Pod, PodSpec } from '../../api/types/kinds.ts';
import type { EnvironmentSources } from './environment.ts';
import { podField, resourceField, secretBytes } from './environment.ts';

type Volume = NonNullable<PodSpec['volumes']>[number];
type Files = ReadonlyMap<string, string | Uint8Array>;
type Projection = NonNullable<NonNullable<Volume['projected']>['sources']>[number];

/** A volume's files by relative path, or why it can't be set up. */
export type VolumeContent =
  | { readonly ok: true; readonly files: Files }
  | { readonly ok: false; readonly message: string };

/** What a volume holds. */
export function volumeContent(pod: Pod, volume: Volume, sources: EnvironmentSources): VolumeContent {
  const problems: string[] = [];
  const files = new Map<string, string | Uint8Array>();
  if (volume.configMap !== undefined) addConfigMap(volume.configMap);
  if (volume.secret !== undefined) {
    const { secretName, ...rest } = volume.secret;
    addSecret({ ...rest, ...(secretName === undefined ? {} : { name: secretName }) });
  }
  if (volume.downwardAPI !== undefined) addDownward(volume.downwardAPI.items ?? []);
  for (const source of volume.projected?.sources ?? []) addProjection(source);
  return problems.length > 0 ? { ok: false, message: problems.join(', ') } : { ok: true, files };

  function addProjection(source: Projection): void {
    if (source.configMap !== undefined) addConfigMap(source.configMap);
    if (source.secret !== undefined) addSecret(source.secret);
    if (source.downwardAPI !== undefined) addDownward(source.downwardAPI.items ?? []);
    if (source.serviceAccountToken !== undefined)
      files.set(source.serviceAccountToken.path, serviceAccountToken(pod));
  }

  function addConfigMap(source: KeySource): void {
    const configMap = sources.configMap(source.name ?? '');
    const data = configMap === undefined ? undefined : new Map(Object.entries(configMap.data ?? {}));
    addKeys(source, data, `configmap ${JSON.stringify(source.name ?? '')} not found`);
  }

  function addSecret(source: KeySource): void {
    const secret = sources.secret(source.name ?? '');
    const data = secret === undefined ? undefined : secretBytes(secret);
    addKeys(source, data, `secret ${JSON.stringify(source.name ?? '')} not found`);
  }

  function addKeys(source: KeySource, data: Files | undefined, missing: string): void {
    if (data === undefined) {
      if (source.optional !== true) problems.push(missing);
      return;
    }
    const items = source.items ?? [...data.keys()].map((key) => ({ key, path: key }));
    for (const item of items) {
      const value = data.get(item.key);
      if (value !== undefined) files.set(item.path, value);
      else if (source.optional !== true) problems.push(`references non-existent config key: ${item.key}`);
    }
  }

  function addDownward(items: NonNullable<NonNullable<Volume['downwardAPI']>['items']>): void {
    for (const item of items) {
      if (item.fieldRef !== undefined) {
        files.set(item.path, podField(pod, item.fieldRef.fieldPath, sources) ?? '');
      } else if (item.resourceFieldRef !== undefined) {
        const { containerName, resource, divisor } = item.resourceFieldRef;
        const container = pod.spec?.containers.find(({ name }) => name === containerName);
        if (container !== undefined) {
          files.set(item.path, resourceField(container, resource, divisor, sources.allocatable));
        }
      }
    }
  }
}

/** What a container sees at a path: a volume as a folder, or one file of it. */
export type VolumeMount =
  | { readonly kind: 'folder'; readonly path: string; readonly volume: string; readonly subPath: string }
  | { readonly kind: 'file'; readonly path: string; readonly content: string | Uint8Array };

/** The mounts of a container; `subPath` may name a file. */
export function volumeMountsOf(
  container: Container,
  volumes: ReadonlyMap<string, Files>,
): readonly VolumeMount[] {
  return (container.volumeMounts ?? []).map((mount) => {
    const path = mount.mountPath.replace(/\/+$/, '');
    const subPath = (mount.subPath ?? '').replace(/^\/+|\/+$/g, '');
    const content = subPath === '' ? undefined : volumes.get(mount.name)?.get(subPath);
    return content === undefined
      ? { kind: 'folder', path, volume: mount.name, subPath }
      : { kind: 'file', path, content };
  });
}

/** The files of a volume below a path of it, by absolute path. */
export function filesBelow(files: Files, subPath: string): Files {
  const prefix = subPath === '' ? '' : `${subPath}/`;
  return new Map(
    [...files]
      .filter(([path]) => path.startsWith(prefix))
      .map(([path, content]) => [`/${path.slice(prefix.length)}`, content]),
  );
}

interface KeySource {
  readonly name?: string;
  readonly optional?: boolean;
  readonly items?: readonly { readonly key: string; readonly path: string }[];
}

/** Shaped as a JWT with the claims of a bound token; its signature signs nothing. */
function serviceAccountToken(pod: Pod): string {
  const encode = (value: unknown) =>
    btoa(JSON.stringify(value)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  const namespace = pod.metadata.namespace ?? '';
  const account = pod.spec?.serviceAccountName ?? 'default';
  const claims = {
    iss: 'https://kubernetes.default.svc.cluster.local',
    'kubernetes.io': { namespace, pod: { name: pod.metadata.name, uid: pod.metadata.uid } },
    sub: `system:serviceaccount:${namespace}:${account}`,
  };
  return `${encode({ alg: 'RS256' })}.${encode(claims)}.${encode(pod.metadata.uid)}`;
}
