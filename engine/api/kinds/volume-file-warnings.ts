/**
 * What the server warns of in the files that volumes are made of: two at one path, or one where the other needs a folder, and
 * projections of nothing. Source: warningsForOverlappingVirtualPaths in pkg/api/pod/warnings.go of v1.36.
 */
import type { JsonObject } from '../../base/json.ts';
import { has, struct, structs, text } from '../read.ts';

interface File {
  readonly path: string;
  /** As messages show it: `"a/b"`, of a projected volume with what it comes from. */
  readonly shown: string;
}

/** The warnings of one volume. */
export function volumeFileWarnings(volume: JsonObject): readonly string[] {
  const name = JSON.stringify(text(volume, 'name'));
  const plain = (kind: string, what: string) =>
    overlaps(filesOf(struct(volume, kind), '')).map((pair) => warning(name, what, pair));
  const named = (kind: string, key: string) => JSON.stringify(text(struct(volume, kind), key));
  return [
    ...plain('configMap', `ConfigMap ${named('configMap', 'name')}`),
    ...plain('secret', `Secret ${named('secret', 'secretName')}`),
    ...plain('downwardAPI', 'DownwardAPI'),
    ...projectedWarnings(struct(volume, 'projected'), name),
  ];
}

function warning(name: string, what: string, pair: string): string {
  return `volume ${name} (${what}): overlapping paths: ${pair}`;
}

function projectedWarnings(volume: JsonObject, name: string): readonly string[] {
  const files: File[] = [];
  return structs(volume, 'sources').flatMap((source) => {
    if (Object.keys(source).every((kind) => !has(source, kind)))
      return [`volume ${name} (Projected) has no sources provided`];
    return filesOfSource(source).flatMap((file) => {
      const pairs = overlapsWith(file, files);
      files.push(file);
      return pairs.map((pair) => warning(name, 'Projected', pair));
    });
  });
}

/** The files of the first kind that a source has, in upstream's order. */
function filesOfSource(source: JsonObject): readonly File[] {
  const kinds = [
    ['configMap', `ConfigMap ${JSON.stringify(text(struct(source, 'configMap'), 'name'))}`],
    ['secret', `Secret ${JSON.stringify(text(struct(source, 'secret'), 'name'))}`],
    ['downwardAPI', 'DownwardAPI'],
  ] as const;
  for (const [kind, origin] of kinds) {
    if (has(struct(source, kind), 'items')) return filesOf(struct(source, kind), origin);
  }
  const token = struct(source, 'serviceAccountToken');
  return has(source, 'serviceAccountToken') ? [fileAt(text(token, 'path'), 'ServiceAccountToken')] : [];
}

function filesOf(source: JsonObject, origin: string): readonly File[] {
  return structs(source, 'items').map((item) => fileAt(text(item, 'path'), origin));
}

function fileAt(written: string, origin: string): File {
  const path = written.replace(/\/+$/, '');
  const quoted = JSON.stringify(path);
  return { path, shown: origin === '' ? quoted : `${quoted} (${origin})` };
}

function overlaps(files: readonly File[]): readonly string[] {
  return files.flatMap((file, index) => overlapsWith(file, files.slice(0, index)));
}

function overlapsWith(file: File, others: readonly File[]): readonly string[] {
  if (file.path === '') return [];
  return others
    .filter(({ path }) => path !== '' && (isBelow(path, file.path) || isBelow(file.path, path)))
    .map((other) => `${file.shown} with ${other.shown}`);
}

function isBelow(path: string, folder: string): boolean {
  return `${path}/`.startsWith(`${folder}/`);
}
