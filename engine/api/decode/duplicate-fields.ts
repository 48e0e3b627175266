/** Keys that a client wrote twice, as the server's strict decoder names them in objects that have no table of fields. */
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import type { DuplicateKeys } from './go-json.ts';

/** The problems, in the order of the document. */
export function duplicateFields(value: JsonValue, duplicates: DuplicateKeys | undefined): readonly string[] {
  if (duplicates === undefined || duplicates.size === 0) return [];
  const problems: string[] = [];
  const visit = (inner: JsonValue, path: string): void => {
    if (Array.isArray(inner)) {
      for (const [index, item] of inner.entries()) visit(item, `${path}[${index}]`);
      return;
    }
    if (!isJsonObject(inner)) return;
    const twice = duplicates.get(inner);
    for (const [key, field] of Object.entries(inner)) {
      const below = path === '' ? key : `${path}.${key}`;
      if (twice?.has(key) === true) problems.push(`duplicate field "${below}"`);
      visit(field, below);
    }
  };
  visit(value, '');
  return problems;
}
