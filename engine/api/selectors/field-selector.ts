/**
 * Field selectors as text: `status.phase=Running,spec.nodeName!=worker-1`.
 * Source: k8s.io/apimachinery/pkg/fields/selector.go; registry/generic's SelectionPredicate.
 */
import { err, ok, type Result } from '../../base/result.ts';

/** One term: the field has, or has not, the value. */
export interface FieldTerm {
  readonly field: string;
  readonly isEqual: boolean;
  readonly value: string;
}

/** Parses a selector; the error is upstream's text. Which fields a kind knows is the API server's question. */
export function parseFieldSelector(text: string): Result<readonly FieldTerm[], string> {
  const terms: FieldTerm[] = [];
  for (const part of splitTerms(text).sort()) {
    if (part === '') continue;
    const match = /^(.*?)(!=|==|=)(.*)$/s.exec(part);
    if (match === null) return err(`invalid selector: '${text}'; can't understand '${part}'`);
    const value = unescapeValue(match[3] ?? '');
    if (!value.ok) return value;
    terms.push({ field: match[1] ?? '', isEqual: match[2] !== '!=', value: value.value });
  }
  return ok(terms);
}

/** Splits at commas that no backslash stands before. */
function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let term = '';
  let isEscaped = false;
  for (const char of text) {
    if (!isEscaped && char === ',') {
      terms.push(term);
      term = '';
      continue;
    }
    isEscaped = !isEscaped && char === '\\';
    term += char;
  }
  return [...terms, term];
}

function unescapeValue(text: string): Result<string, string> {
  let value = '';
  let isEscaped = false;
  for (const char of text) {
    if (isEscaped) {
      if (!'\\,='.includes(char)) return err(`invalid field selector: invalid escape sequence: \\${char}`);
      value += char;
      isEscaped = false;
    } else if (char === '\\') {
      isEscaped = true;
    } else if (char === ',' || char === '=') {
      return err(`invalid field selector: unescaped character in value: ${char.codePointAt(0)}`);
    } else {
      value += char;
    }
  }
  return isEscaped ? err('invalid field selector: invalid escape sequence: \\') : ok(value);
}

/** Whether an object's fields meet every term; a field that is unknown has no value. */
export function matchesFields(
  terms: readonly FieldTerm[],
  fieldValue: (field: string) => string | undefined,
): boolean {
  return terms.every(({ field, isEqual, value }) => ((fieldValue(field) ?? '') === value) === isEqual);
}
