/** What several parts ask of the containers of a Pod's spec, whatever their sort. */
import type { JsonObject } from '../../base/json.ts';
import { structs } from '../read.ts';

/** All containers with their paths, in the order in which upstream visits them. Source: VisitContainersWithPath. */
export function containersWithPaths(
  spec: JsonObject,
  path: string,
): readonly (readonly [JsonObject, string])[] {
  return ['initContainers', 'containers', 'ephemeralContainers'].flatMap((key) =>
    structs(spec, key).map((container, index) => [container, `${path}.${key}[${index}]`] as const),
  );
}
