/**
 * Where in a manifest the trouble is that kubectl told of: its words name an object and a field, a person needs a line.
 */
import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  LineCounter,
  parseAllDocuments,
  type Document as YamlDocument,
} from 'yaml';
import type { Cause, JsonObject, ObjectName, RefusalHint } from '../../engine/index.ts';
import { findManifestSlip } from './manifest-slips.ts';

/** What to mend of an object that was refused with a message of kubectl's. */
export type HintOf = (message: string, object: JsonObject | undefined) => RefusalHint | undefined;

/** The causes in kubectl's stderr of `kubectl apply -f FILE`, in its order, each at its place in the file. */
export function findManifestProblems(
  file: string,
  text: string,
  stderr: string,
  hintOf: HintOf = () => undefined,
): readonly Cause[] {
  // What kubectl found too deep or too large for a parser is so for ours.
  const isTooLarge = /exceeded max depth|excessive aliasing/.test(stderr);
  const manifest = new Manifest(isTooLarge ? '' : text);
  const messages = splitMessages(stderr);
  const syntax = manifest.syntaxError();
  const causes = messages.map((message): Cause => {
    if (isParseError(message) || message.includes('no objects passed to apply')) {
      const slip = isTooLarge ? undefined : findManifestSlip(text);
      return { code: 'broken-manifest', file, line: 1, column: 1, ...syntax, ...slip, message };
    }
    const object = manifest.objectOf(message);
    const hint = hintOf(message, object);
    const name = nameOf(object);
    const place =
      hint?.kind === 'wrong-type' ? manifest.findPath(message, hint.path) : manifest.find(message);
    return {
      code: 'refused-by-api-server',
      file,
      ...place,
      reason: reasonOf(message),
      message,
      ...(name && { object: name }),
      ...(hint && { hint }),
    };
  });
  if (causes.length > 0 || syntax === undefined) return causes;
  return [{ code: 'broken-manifest', file, ...syntax }];
}

/** Undefined for what is no object of Kubernetes, or has no name. */
function nameOf(object: JsonObject | undefined): ObjectName | undefined {
  const metadata = object?.metadata;
  if (typeof object?.kind !== 'string' || !isJsonObject(metadata)) return undefined;
  const { name, namespace } = metadata;
  if (typeof name !== 'string') return undefined;
  return { kind: object.kind, namespace: typeof namespace === 'string' ? namespace : 'default', name };
}

interface Place {
  readonly line: number;
  readonly column: number;
}

/** kubectl prints a refusal a line each; what is indented or a bullet goes on from the line before. Warnings are none. */
function splitMessages(stderr: string): readonly string[] {
  const messages: string[] = [];
  for (const line of stderr.split('\n')) {
    if (line.trim() === '' || line.startsWith('Warning:')) continue;
    const last = messages.length - 1;
    const goesOn = /^(\s|\*|ensure CRDs are installed first)/.test(line);
    if (goesOn && last >= 0) messages[last] = `${messages[last]}\n${line}`;
    else messages.push(line);
  }
  return messages;
}

function isParseError(message: string): boolean {
  return message.includes('error parsing ') || message.includes('error converting YAML to JSON');
}

/** The reason of the metav1.Status behind the words, where they name it. */
function reasonOf(message: string): string {
  const named = /^Error from server \((\w+)\)/.exec(message)?.[1];
  if (named !== undefined) return named;
  if (message.includes(' is invalid: ')) return 'Invalid';
  if (message.includes('no matches for kind')) return 'NoMatch';
  return 'Unknown';
}

class Manifest {
  readonly #lines = new LineCounter();
  readonly #documents: readonly YamlDocument[];

  constructor(text: string) {
    this.#documents = parseDocuments(text, this.#lines);
  }

  /** The first place that is no YAML. */
  syntaxError(): (Place & { readonly message: string }) | undefined {
    for (const document of this.#documents) {
      const [error] = document.errors;
      if (error !== undefined) return { ...this.#place(error.pos[0]), message: error.message };
    }
    return undefined;
  }

  /** The field that a message names, in the object that it names; else the object; else its file alone. */
  find(message: string): Place | undefined {
    const candidates = this.#documentsOf(message);
    const paths = fieldPaths(message);
    for (const path of paths) {
      for (const document of candidates) {
        const offset = offsetOf(document, path);
        if (offset !== undefined) return this.#place(offset);
      }
    }
    for (const path of paths) {
      for (const document of candidates) {
        const offset = nearestOffset(document, path);
        if (offset !== undefined) return this.#place(offset);
      }
    }
    const [document] = candidates;
    const start = document?.contents?.range?.[0];
    return start === undefined ? undefined : this.#place(start);
  }

  /** The place of a field that is known by its path. */
  findPath(message: string, path: string): Place | undefined {
    for (const document of this.#documentsOf(message)) {
      const offset = offsetOf(document, parsePath(path));
      if (offset !== undefined) return this.#place(offset);
    }
    return this.find(message);
  }

  /** The object that a message is most likely about, as kubectl reads it. */
  objectOf(message: string): JsonObject | undefined {
    const [document] = this.#documentsOf(message);
    const value: unknown = document?.toJS({ maxAliasCount: 100 });
    return isJsonObject(value) ? value : undefined;
  }

  /** The documents that a message may be about, those that fit its name and kind best first. */
  #documentsOf(message: string): readonly YamlDocument[] {
    const score = (document: YamlDocument) => {
      const name = document.getIn(['metadata', 'name']);
      const kind = document.getIn(['kind']);
      const hasName = typeof name === 'string' && message.includes(`"${name}"`);
      const hasKind =
        typeof kind === 'string' && (message.includes(`${kind} `) || message.includes(`"${kind}"`));
      return (hasName ? 2 : 0) + (hasKind ? 1 : 0);
    };
    return this.#documents
      .filter((document) => document.contents !== null && document.errors.length === 0)
      .map((document) => ({ document, points: score(document) }))
      .sort((a, b) => b.points - a.points)
      .map(({ document }) => document);
  }

  #place(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }
}

/** What a document of plain values holds is JSON, whatever the parser's types say. */
function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseDocuments(text: string, lineCounter: LineCounter): readonly YamlDocument[] {
  // kubectl's parser is one of YAML 1.1, to which a bare `y` is true.
  const parsed = parseAllDocuments(text, { lineCounter, prettyErrors: false, version: '1.1' });
  return Array.isArray(parsed) ? parsed : [];
}

/** A field's path as Kubernetes writes it: `spec.ports[0].nodePort`, `metadata.labels[a/b]`. */
const fieldPath =
  /\b(?:apiVersion|kind|metadata|spec|status|data|subsets|endpoints|ports|type)\b(?:\.[A-Za-z0-9_-]+|\[[^\]\s]{1,300}\])*/g;

/** The quoted path of an unknown or repeated field first; then the path before a colon. */
function fieldPaths(message: string): readonly (readonly (string | number)[])[] {
  const quoted = [...message.matchAll(/(?:unknown|duplicate) field "([^"]{1,500})"/g)].map(
    (match) => match[1] ?? '',
  );
  const kind = /no matches for kind "/.test(message) ? ['kind'] : [];
  const plain = [...message.slice(0, 4000).matchAll(fieldPath)]
    .filter((match) => message.startsWith(':', match.index + match[0].length))
    .map((match) => match[0]);
  return [...quoted, ...kind, ...plain].map(parsePath);
}

function parsePath(path: string): readonly (string | number)[] {
  const steps: (string | number)[] = [];
  for (const [step] of path.matchAll(/[^.[\]]+|\[[^\]]*\]/g)) {
    const inner = step.startsWith('[') ? step.slice(1, -1) : step;
    steps.push(step.startsWith('[') && /^[0-9]+$/.test(inner) ? Number(inner) : inner);
  }
  return steps;
}

/** The key's own place for a field, the item's for an index. */
function offsetOf(document: YamlDocument, path: readonly (string | number)[]): number | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
      if (pair === undefined) return undefined;
      offset = isScalar(pair.key) ? pair.key.range?.[0] : offset;
      node = pair.value;
    } else if (isCollection(node) && typeof step === 'number') {
      const item: unknown = node.items[step];
      if (item === undefined) return undefined;
      offset = (isCollection(item) || isScalar(item) ? item.range?.[0] : undefined) ?? offset;
      node = item;
    } else return undefined;
  }
  return offset;
}

/** For a field that is missing: the deepest place above it that is there. */
function nearestOffset(document: YamlDocument, path: readonly (string | number)[]): number | undefined {
  for (let length = path.length - 1; length > 0; length--) {
    const offset = offsetOf(document, path.slice(0, length));
    if (offset !== undefined) return offset;
  }
  return undefined;
}
