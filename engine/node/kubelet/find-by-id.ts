/** Sandboxes, containers and images by what crictl calls them. */
import type { JsonValue } from '../../base/json.ts';

/** By a prefix of the id, as crictl shortens ids to 13 digits. */
export function findById<T extends { readonly id: string }>(
  items: readonly T[],
  id: JsonValue | undefined,
): T | undefined {
  return typeof id === 'string' && id !== '' ? items.find((item) => item.id.startsWith(id)) : undefined;
}
