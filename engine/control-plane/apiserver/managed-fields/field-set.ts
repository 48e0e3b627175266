/**
 * Sets of fields, as managedFields writes them. A field is a path of elements: `f:name` for a field or map key,
 * `k:{"name":"web"}` for an item of a list by its keys, `v:"x"` for an item that is its own key. Source:
 * sigs.k8s.io/structured-merge-diff/fieldpath.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../../../base/json.ts';
import { compareKeys } from '../../../base/sorted-map.ts';

/** Paths, their elements joined by {@link separator}. */
export type FieldSet = ReadonlySet<string>;

/** Stands between the elements of a path; no element holds it. */
export const separator = '\u0000';

/** The path one element deeper. The root's path is empty. */
export function pathBelow(path: string, element: string): string {
  return path === '' ? element : `${path}${separator}${element}`;
}

/** Whether `path` lies below `parent`. */
export function isBelow(path: string, parent: string): boolean {
  return path.startsWith(`${parent}${separator}`);
}

/** Everything that is in one of the sets. */
export function unionOf(...sets: readonly FieldSet[]): FieldSet {
  const [first = new Set<string>(), ...others] = sets.filter((set) => set.size > 0);
  if (others.length === 0) return first;
  const union = new Set(first);
  for (const other of others) for (const path of other) union.add(path);
  return union;
}

/** What is in `set` and not in `other`. */
export function without(set: FieldSet, other: FieldSet): FieldSet {
  return other.size === 0 ? set : filterSet(set, (path) => !other.has(path));
}

/** The paths that `isKept` holds for: the set itself when it holds for all, as it mostly does. */
export function filterSet(set: FieldSet, isKept: (path: string) => boolean): FieldSet {
  for (const path of set) if (!isKept(path)) return new Set([...set].filter(isKept));
  return set;
}

/** Whether two sets hold the same paths. */
export function isSameSet(set: FieldSet, other: FieldSet): boolean {
  return set.size === other.size && [...set].every((path) => other.has(path));
}

/** The order in which a set names its members: at each place what ends there first. Source: fieldpath/set.go (Iterate). */
export function comparePaths(one: string, other: string): number {
  const [left, right] = [one.split(separator), other.split(separator)];
  const at = left.findIndex((element, index) => element !== right[index]);
  if (at < 0) return left.length - right.length;
  const [isLeftEnd, isRightEnd] = [at === left.length - 1, at === right.length - 1];
  if (isLeftEnd !== isRightEnd) return isLeftEnd ? -1 : 1;
  return compareKeys(left[at] ?? '', right[at] ?? '');
}

/** The set as a FieldsV1 document: a tree whose leaves are empty objects, `.` marking members that have children. */
export function formatFieldsV1(set: FieldSet): JsonObject {
  return withPaths(undefined, growTree(set), true);
}

/** The document with more paths; what they do not touch is shared with it. */
export function addToFieldsV1(document: JsonObject, added: FieldSet): JsonObject {
  const missing = [...added].filter((path) => !holdsPath(document, path));
  return missing.length === 0 ? document : withPaths(document, growTree(missing), true);
}

const noChildren: ReadonlyMap<string, PathTree> = new Map();

/** Paths by their elements. */
interface PathTree {
  /** Whether a path ends here. */
  isMember: boolean;
  /** By element; absent where no path leads on. */
  children: Map<string, PathTree> | undefined;
}

function growTree(paths: Iterable<string>): PathTree {
  const root: PathTree = { isMember: false, children: undefined };
  for (const path of paths) {
    let tree = root;
    for (let start = 0; start <= path.length; ) {
      const end = endOfElement(path, start);
      tree = growChild(tree, path.slice(start, end));
      start = end + 1;
    }
    tree.isMember = true;
  }
  return root;
}

function growChild(tree: PathTree, element: string): PathTree {
  tree.children ??= new Map();
  const known = tree.children.get(element);
  if (known !== undefined) return known;
  const child: PathTree = { isMember: false, children: undefined };
  tree.children.set(element, child);
  return child;
}

/** Where the element of a path that begins at `start` ends. */
function endOfElement(path: string, start: number): number {
  const found = path.indexOf(separator, start);
  return found === -1 ? path.length : found;
}

/** A node with paths that lead through it; those that end in it make it a member. Absent nodes are new. */
function withPaths(node: JsonObject | undefined, paths: PathTree, isRoot: boolean): JsonObject {
  const below = paths.children ?? noChildren;
  // Most nodes are new leaves.
  if (node === undefined && below.size === 0) return {};
  const kept = node === undefined ? [] : Object.keys(node).filter((element) => isElement(element));
  const isMember = paths.isMember || (node !== undefined && (kept.length === 0 || Object.hasOwn(node, '.')));
  const elements = [...below.keys()];
  for (const element of kept) if (!below.has(element)) elements.push(element);
  if (elements.length > 1) elements.sort();
  const result: Record<string, JsonValue> = isMember && !isRoot && elements.length > 0 ? { '.': {} } : {};
  for (const element of elements) {
    const child = node !== undefined && Object.hasOwn(node, element) ? node[element] : undefined;
    const through = below.get(element);
    if (through !== undefined)
      result[element] = withPaths(isJsonObject(child) ? child : undefined, through, false);
    else if (child !== undefined) result[element] = child;
  }
  return result;
}

/** The set that a FieldsV1 document stands for. What is no such document gives the empty set. */
export function parseFieldsV1(document: JsonValue | undefined): FieldSet {
  const paths = new Set<string>();
  const visit = (node: JsonObject, path: string): void => {
    const entries = Object.entries(node);
    if (path !== '' && (entries.length === 0 || Object.hasOwn(node, '.'))) paths.add(path);
    for (const [element, child] of entries) {
      // What begins otherwise is of a future version, and passed over.
      if (isElement(element) && isJsonObject(child)) visit(child, pathBelow(path, element));
    }
  };
  if (isJsonObject(document)) visit(document, '');
  return paths;
}

/** Without an expression: asked for every member of every node. */
function isElement(key: string): boolean {
  if (key[1] !== ':') return false;
  const kind = key[0];
  return kind === 'f' || kind === 'k' || kind === 'v' || kind === 'i';
}

/** Whether a FieldsV1 document holds a path, found without parsing the document. */
export function holdsPath(document: JsonObject, path: string): boolean {
  let node: JsonObject = document;
  // Most documents part from the path at its first elements: the rest need not be cut.
  for (let start = 0; start <= path.length; ) {
    const end = endOfElement(path, start);
    const element = path.slice(start, end);
    const next = Object.hasOwn(node, element) ? node[element] : undefined;
    if (!isJsonObject(next)) return false;
    node = next;
    start = end + 1;
  }
  return Object.hasOwn(node, '.') || Object.keys(node).length === 0;
}

/** A path as error messages print it: `.spec.ports[port=80,protocol="TCP"].targetPort`. */
export function formatPath(path: string): string {
  return path.split(separator).map(formatElement).join('');
}

function formatElement(element: string): string {
  const rest = element.slice(2);
  if (element.startsWith('f:')) return `.${rest}`;
  if (element.startsWith('v:')) return `[=${rest}]`;
  const keys: unknown = JSON.parse(rest);
  if (!isJsonObject(keys)) return `[${rest}]`;
  const pairs = Object.entries(keys).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return `[${pairs.join(',')}]`;
}
