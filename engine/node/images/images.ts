/** Finding an image by its reference, and what a registry says of one that it does not have. */
import { Random, randomStateFrom } from '../../base/random.ts';
import type { FileLayer } from '../../net/linux.ts';
import type { Image } from './image.ts';
import type { ImageEntry } from './image-entry.ts';
import { formatImageReference, type ImageReference, parseImageReference } from './reference.ts';
import { imageTable } from './table.ts';

/** The full name of an image: `nginx` is `docker.io/library/nginx:latest`; a name that breaks the grammar stays as it is. */
export function canonicalName(name: string): string {
  const parsed = parseImageReference(name);
  return parsed.ok ? formatImageReference(parsed.value) : name;
}

/** The image of a reference in any of its forms, or undefined when no registry has it. */
export function findImage(reference: string): Image | undefined {
  const parsed = parseImageReference(reference);
  if (!parsed.ok) return undefined;
  const { repository, tag, digest } = parsed.value;
  const entry = imageTable.get(repository);
  if (entry === undefined) return undefined;
  const known =
    digest === undefined
      ? tag
      : entry.tags.find((candidate) => imageId(`${repository}:${candidate}`) === digest);
  if (known === undefined || !(entry.tags.includes(known) || entry.otherTags?.test(known) === true))
    return undefined;
  const image = imageOfTag(repository, known, entry);
  return digest === undefined
    ? image
    : Object.freeze({ ...image, reference: formatImageReference(parsed.value) });
}

/** Images of the tags that the table lists: every container that starts asks for one. Other tags have no end. */
const listedImages = new WeakMap<ImageEntry, Map<string, Image>>();

function imageOfTag(repository: string, tag: string, entry: ImageEntry): Image {
  if (!entry.tags.includes(tag)) return buildImage(repository, tag, entry);
  const ofEntry = listedImages.get(entry) ?? new Map<string, Image>();
  listedImages.set(entry, ofEntry);
  // Repositories may share an entry.
  const canonical = `${repository}:${tag}`;
  const image = ofEntry.get(canonical) ?? buildImage(repository, tag, entry);
  ofEntry.set(canonical, image);
  return image;
}

function buildImage(repository: string, tag: string, entry: ImageEntry): Image {
  const contents = entry.build(tag);
  const canonical = `${repository}:${tag}`;
  return Object.freeze({
    reference: canonical,
    id: imageId(canonical),
    layers: Object.freeze(contents.layers.map(freezeLayer)),
    entrypoint: contents.entrypoint ?? [],
    command: contents.command ?? [],
    env: Object.freeze(new Map([['PATH', defaultPath], ...(contents.env ?? [])])),
    workingDirectory: contents.workingDirectory ?? '/',
    sizeBytes: entry.sizeBytes,
  });
}

/** Every image that can be pulled, by repository, with its tags; further tags that a pattern allows are not listed. */
export function knownImages(): ReadonlyMap<string, readonly string[]> {
  return new Map([...imageTable].map(([repository, { tags }]) => [repository, tags]));
}

/**
 * What containerd says of a name that cannot be pulled: of a repository that is missing, of a tag that is missing in a
 * known one, of a registry that is none, or of a name that breaks the grammar.
 * Source: containerd, client/pull.go and core/remotes/docker/resolver.go.
 */
export function pullFailure(name: string): string {
  const parsed = parseImageReference(name);
  if (!parsed.ok) return `failed to parse reference "${name}": ${parsed.error}`;
  const { repository, tag, digest } = parsed.value;
  const full = formatImageReference(parsed.value);
  const attempt = `failed to pull and unpack image "${full}": failed to resolve reference "${full}"`;
  const registry = repository.split('/', 1)[0] ?? '';
  if (imageTable.has(repository) || openRegistries.has(registry)) return `${attempt}: ${full}: not found`;
  if (registry !== 'docker.io') {
    const url = `https://${registry}/v2/${repository.slice(registry.length + 1)}/manifests/${digest ?? tag}`;
    return `${attempt}: failed to do request: Head "${url}": dial tcp: lookup ${registry}: no such host`;
  }
  return `${attempt}: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`;
}

/** Known images whose names are nearest to a reference that has none, nearest first; short names where they serve. */
export function nearestImages(reference: string, count = 3): readonly string[] {
  const parsed = parseImageReference(reference.toLowerCase());
  const wanted: ImageReference = parsed.ok
    ? parsed.value
    : { repository: reference.toLowerCase(), tag: 'latest' };
  const scored = [...imageTable].map(([repository, { tags }]) => ({
    name: shortName(repository, tags.includes(wanted.tag) ? wanted.tag : (tags[0] ?? 'latest')),
    distance:
      editDistance(lastPart(wanted.repository), lastPart(repository)) +
      (wanted.repository === repository ? -1 : 0),
    // Among those that are as near: the same registry, and the same tag.
    apart:
      (repository.split('/', 1)[0] === wanted.repository.split('/', 1)[0] ? 0 : 1) +
      (tags.includes(wanted.tag) ? 0 : 1),
  }));
  scored.sort((a, b) => a.distance - b.distance || a.apart - b.apart || (a.name < b.name ? -1 : 1));
  return scored.slice(0, count).map(({ name }) => name);
}

/** What containers find in PATH unless their image says otherwise. */
const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Registries that say plainly that they have no such repository. */
const openRegistries: ReadonlySet<string> = new Set([
  'registry.k8s.io',
  'k8s.gcr.io',
  'quay.io',
  'ghcr.io',
  'mcr.microsoft.com',
]);

function imageId(canonical: string): string {
  return `sha256:${new Random(randomStateFrom(canonical)).hex(64)}`;
}

function freezeLayer(layer: FileLayer): FileLayer {
  return Object.freeze({ files: Object.freeze(layer.files) });
}

function shortName(repository: string, tag: string): string {
  const name = repository.replace(/^docker\.io\/(library\/)?/, '');
  return tag === 'latest' ? name : `${name}:${tag}`;
}

function lastPart(repository: string): string {
  return repository.slice(repository.lastIndexOf('/') + 1);
}

/** How many letters have to be put in, taken out, changed or swapped. Names are at most 128 letters long here. */
function editDistance(a: string, b: string): number {
  const [first, second] = [a.slice(0, 128), b.slice(0, 128)];
  let beforeLast: number[] = [];
  let previous = Array.from({ length: second.length + 1 }, (_, index) => index);
  for (let row = 1; row <= first.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= second.length; column += 1) {
      const isSame = first[row - 1] === second[column - 1];
      let best = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (isSame ? 0 : 1),
      );
      const isSwapped =
        row > 1 &&
        column > 1 &&
        first[row - 1] === second[column - 2] &&
        first[row - 2] === second[column - 1];
      if (isSwapped) best = Math.min(best, (beforeLast[column - 2] ?? 0) + 1);
      current.push(best);
    }
    beforeLast = previous;
    previous = current;
  }
  return previous[second.length] ?? 0;
}
