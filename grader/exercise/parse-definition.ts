/**
 * From the text of chapter.yaml or exercise.yaml to a checked definition, with every problem at its line and column. It
 * loads yaml and zod, which is why only what is not compiled yet comes here (see {@link ./definitions.ts}).
 */
import { isNode, isScalar, LineCounter, parseDocument, visit, type Document as YamlDocument } from 'yaml';
import { z } from 'zod';
import { nearest } from './nearest.ts';
import type { ContentProblem } from './problem.ts';
import { requirementInKorean } from './requirements.ts';

const koreanLocale = z.locales.ko();

/** A definition, or why there is none. */
export type ParsedDefinition<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: readonly ContentProblem[] };

/**
 * Reads one YAML document and holds it against a schema. `file` only names it in problems; `prepare` changes the document's
 * value before it is looked at, without moving anything to another path.
 */
export function parseDefinition<T>(
  text: string,
  file: string,
  schema: z.ZodType<T>,
  prepare: (value: unknown) => unknown = (value) => value,
): ParsedDefinition<T> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number, message: ContentProblem['message']): ContentProblem => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col), message };
  };
  if (document.errors.length > 0) {
    return {
      ok: false,
      error: document.errors.map((error) =>
        at(error.pos[0], {
          ko: `YAML로 읽을 수 없습니다: ${error.message}`,
          en: `not readable as YAML: ${error.message}`,
        }),
      ),
    };
  }
  const value = prepare(document.toJS({ maxAliasCount: 100 }));
  const checked = schema.safeParse(value);
  if (checked.success) return { ok: true, value: checked.data };
  // Once more for the other language: zod words an issue where it finds it.
  const inKorean = flattenIssues(
    schema.safeParse(value, { error: koreanLocale.localeError }).error?.issues ?? [],
  );
  return {
    ok: false,
    error: flattenIssues(checked.error.issues).map((issue, index) =>
      at(offsetOf(document, issue), describe(issue, inKorean[index]?.message ?? issue.message, schema)),
    ),
  };
}

function flattenIssues(issues: readonly z.core.$ZodIssue[]): readonly z.core.$ZodIssue[] {
  return issues.flatMap(flattenIssue);
}

/** A union's issue says nothing by itself: the member that came nearest, which failed deepest and least, speaks for it. */
function flattenIssue(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const members = issue.errors.map((errors) =>
    errors.flatMap((inner) => flattenIssue({ ...inner, path: [...issue.path, ...inner.path] })),
  );
  const depth = (errors: readonly z.core.$ZodIssue[]) =>
    Math.max(...errors.map((error) => error.path.length));
  return members.reduce((best, errors) =>
    depth(errors) > depth(best) || (depth(errors) === depth(best) && errors.length < best.length)
      ? errors
      : best,
  );
}

/** Where an issue stands: its node, an unknown key itself, or the nearest node above when the key is missing. */
function offsetOf(document: YamlDocument, issue: z.core.$ZodIssue): number {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code === 'unrecognized_keys') {
    const key = keyOffset(document, path, issue.keys[0] ?? '');
    if (key !== undefined) return key;
  }
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

function keyOffset(
  document: YamlDocument,
  path: readonly (string | number)[],
  key: string,
): number | undefined {
  const parent = path.length === 0 ? document.contents : document.getIn(path, true);
  let offset: number | undefined;
  if (!isNode(parent)) return undefined;
  visit(parent, {
    Pair(_, pair) {
      if (isScalar(pair.key) && pair.key.value === key) {
        offset = pair.key.range?.[0];
        return visit.BREAK;
      }
      return visit.SKIP;
    },
  });
  return offset;
}

/** The issue in words, and what to do about it. */
function describe(issue: z.core.$ZodIssue, korean: string, schema: z.ZodType): ContentProblem['message'] {
  const where = issue.path.length === 0 ? '' : `${formatPath(issue.path)}: `;
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const meant = nearest(key, schemaKeys(schema));
    return {
      ko: `${where}모르는 키 "${key}"${meant === undefined ? ': 지우세요' : `: "${meant}"(으)로 고치세요`}`,
      en: `${where}unknown key "${key}"${meant === undefined ? ': take it away' : `: did you mean "${meant}"?`}`,
    };
  }
  return { ko: `${where}${requirementInKorean(issue.message) ?? korean}`, en: `${where}${issue.message}` };
}

/** `checks[0].from.pod` */
function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, step) =>
      typeof step === 'number' ? `${text}[${step}]` : text === '' ? String(step) : `${text}.${String(step)}`,
    '',
  );
}

/** Every key that the schema knows anywhere. */
function schemaKeys(schema: z.ZodType): ReadonlySet<string> {
  const keys = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, inner] of Object.entries(value)) {
      if (name === 'properties' && typeof inner === 'object' && inner !== null) {
        for (const key of Object.keys(inner)) keys.add(key);
      }
      walk(inner);
    }
  };
  walk(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  return keys;
}
