/** What one rule of the Pod Security Standards finds, and the words that the rules share. */
import type { JsonObject } from '../../base/json.ts';
import { has, struct, structs, text } from '../read.ts';

/** Why a Pod is not allowed. */
export interface Violation {
  /** Told of Pods that exist already. */
  readonly reason: string;
  readonly detail: string;
}

/** One rule in one of its versions; finds what a Pod does against it. */
export type CheckPod = (spec: JsonObject, annotations: ReadonlyMap<string, string>) => Violation | undefined;

/** The containers of a Pod in the order in which they are looked at. */
export function containersOf(spec: JsonObject): readonly JsonObject[] {
  return ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) => structs(spec, list));
}

/** The security context of a Pod or container. */
export function contextOf(holder: JsonObject): JsonObject {
  return struct(holder, 'securityContext');
}

/** The names of the containers that something is true of. */
export function namesWhere(spec: JsonObject, isSo: (container: JsonObject) => boolean): readonly string[] {
  return containersOf(spec)
    .filter(isSo)
    .map((container) => text(container, 'name'));
}

/** `container "a"`, `containers "a", "b"` */
export function named(what: string, names: readonly string[]): string {
  return `${plural(what, names.length)} ${quoted(names)}`;
}

/** A word for one thing or several. */
export function plural(what: string, count: number): string {
  return count === 1 ? what : `${what}s`;
}

/** `"a", "b"` */
export function quoted(items: readonly string[]): string {
  return items.map((item) => `"${item}"`).join(', ');
}

/** Each item once, in order. */
export function sortedSet(items: readonly string[]): readonly string[] {
  return [...new Set(items)].sort();
}

/** `pod and container "a"`: who set something, in the order in which it is told. */
export function setters(spec: JsonObject, isSo: (holder: JsonObject) => boolean): readonly string[] {
  const containers = namesWhere(spec, isSo);
  return [
    ...(has(spec, 'securityContext') && isSo(spec) ? ['pod'] : []),
    ...(containers.length === 0 ? [] : [named('container', containers)]),
  ];
}

/** The Pod itself and its containers: whoever may have a security context. */
export function holdersOf(spec: JsonObject): readonly JsonObject[] {
  return [spec, ...containersOf(spec)];
}
