/** Files of role `values`: one YAML map from keys to what was written down, every value taken as the text it was typed as. */
import { isMap, isScalar, parseDocument } from 'yaml';

/**
 * The values by key. Text stays text (`0.50`, `007` and `1e3` are not numbers here, as container ids may look like them).
 * What is no plain value is left out; a file that is no map has none.
 */
export function readValues(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const document = parseDocument(text, { schema: 'failsafe', prettyErrors: false });
  if (!isMap(document.contents)) return values;
  for (const { key, value } of document.contents.items) {
    if (isScalar(key) && isScalar(value)) values.set(String(key.value), String(value.value ?? '').trim());
  }
  return values;
}
