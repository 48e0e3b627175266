/** Finding images, and what a runtime says of one that it cannot find. */
import { createHash } from 'node:crypto';
import type { FileContent, FileLayer } from '../../net/linux.ts';
import { toolLayer } from '../../programs/tool-layer.ts';
import { type CatalogEntry, catalog } from './catalog.ts';
import type { Image } from './image.ts';
import { formatReference, parseReference } from './reference.ts';

/** The full name of an image: `nginx` is `docker.io/library/nginx:latest`; a name that breaks the grammar stays as it is. */
export function canonicalName(name: string): string {
  const reference = parseReference(name);
  return reference === undefined ? name : formatReference(reference);
}

/** The image behind a name as a Pod gives it; undefined when no registry has it. Digests are never known. */
export function findImage(name: string): Image | undefined {
  const reference = parseReference(name);
  if (reference === undefined || reference.digest !== undefined) return undefined;
  const entry = catalog.find(
    (candidate) => candidate.repository === reference.repository && candidate.tags.includes(reference.tag),
  );
  return entry === undefined ? undefined : imageOf(entry, formatReference(reference));
}

/** Every image that can be pulled, by repository, each once, with its tags. */
export function knownImages(): ReadonlyMap<string, readonly string[]> {
  const known = new Map<string, string[]>();
  for (const { repository, tags } of catalog)
    known.set(repository, [...(known.get(repository) ?? []), ...tags]);
  return known;
}

/**
 * What containerd says of a name that cannot be pulled: of a repository that is missing, of a tag that is missing in a known
 * one, or of a name that breaks the grammar.
 * Source: github.com/containerd/containerd, client/pull.go and core/remotes/docker/resolver.go.
 */
export function pullFailure(name: string): string {
  const reference = parseReference(name);
  if (reference === undefined) return `failed to parse reference "${name}": invalid reference format`;
  const full = formatReference(reference);
  const prefix = `failed to pull and unpack image "${full}": failed to resolve reference "${full}"`;
  if (knownImages().has(reference.repository)) return `${prefix}: ${full}: not found`;
  return `${prefix}: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`;
}

function imageOf(entry: CatalogEntry, reference: string): Image {
  return {
    reference,
    id: `sha256:${createHash('sha256')
      .update(`${entry.repository}@${entry.tags[0] ?? ''}`)
      .digest('hex')}`,
    layers: layersOf(entry),
    entrypoint: entry.entrypoint ?? [],
    command: entry.command ?? [],
    env: new Map(Object.entries({ PATH: defaultPath, ...entry.env })),
    workingDirectory: entry.workingDirectory ?? '/',
    sizeBytes: entry.sizeBytes,
  };
}

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function layersOf(entry: CatalogEntry): readonly FileLayer[] {
  const own = new Map<string, FileContent>(Object.entries(entry.files ?? {}));
  for (const [path, program] of Object.entries(entry.programs ?? {}))
    own.set(path, Object.freeze({ program }));
  const tools = entry.tools === 'none' ? [] : [toolLayer(entry.tools)];
  return [...tools, { files: own }];
}
