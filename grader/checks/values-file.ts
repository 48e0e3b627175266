/** Files of role `values`: one YAML map from keys to what was written down, every value taken as the text it was typed as. */
import { isMap, isScalar, parseDocument } from 'yaml';

/**
 * The values by key. Text stays text (`0.50`, `007` and `1e3` are not numbers here, as container ids may look like them).
 * What is no plain value is left out; a file that is no map has none.
 */
export function readValues(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const contents = parseContents(text);
  if (!isMap(contents)) return values;
  for (const { key, value } of contents.items) {
    if (isScalar(key) && isScalar(value)) values.set(String(key.value), String(value.value ?? '').trim());
  }
  return values;
}

/** Brackets nested past the parser's stack are no map either. */
function parseContents(text: string): unknown {
  try {
    return parseDocument(text, { schema: 'failsafe', prettyErrors: false }).contents;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
