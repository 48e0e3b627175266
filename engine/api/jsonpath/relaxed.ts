/** Paths as `--sort-by` and custom columns take them: braces and the leading dot may be left out. */
import type { JsonValue } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { findResults } from './evaluate.ts';
import { parseJsonPath, type TemplateNode } from './parse.ts';

/** Source: k8s.io/kubectl/pkg/cmd/get, RelaxedJSONPathExpression. */
export function parseRelaxedPath(path: string): Result<readonly TemplateNode[], string> {
  if (path === '') return ok([]);
  const match = /^\{\.?([^{}]+)\}$|^\.?([^{}]+)$/.exec(path);
  if (match === null) {
    return err(
      "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'",
    );
  }
  const parsed = parseJsonPath(`{.${match[1] ?? match[2] ?? ''}}`);
  return parsed.ok ? ok(parsed.value) : err(`error parsing jsonpath: ${parsed.error}`);
}

/** All values that a path finds, missing keys being nothing. */
export function valuesAtPath(nodes: readonly TemplateNode[], object: JsonValue): readonly JsonValue[] {
  const found = findResults(nodes, object, { allowMissingKeys: true });
  return found.ok ? found.value.flat() : [];
}
