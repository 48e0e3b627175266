/**
 * Terms: names and numbers that an exercise's task, checks, hints and debrief share. exercise.yaml states each once under
 * `terms`, and everything else of it, and the task's text, say `$(name)`, as Kubernetes writes references in a container's
 * command; so no text can name another port than the check. What is no term of the exercise stays as it is: a shell's
 * `$(kubectl …)` above all.
 */
import { isRecord } from '../is-record.ts';

/** Terms by name. */
export type Terms = Readonly<Record<string, string | number>>;

/** `$(port)` and nothing else. */
export const termReference: RegExp = /\$\(([a-z][A-Za-z0-9]*)\)/g;

/** A text with the terms' values in it. */
export function fillText(text: string, terms: Terms): string {
  return text.replaceAll(termReference, (reference, name: string) =>
    String(termOf(terms, name) ?? reference),
  );
}

/**
 * The parsed exercise.yaml with its terms filled in. A scalar that is one reference and nothing else takes the term's type,
 * so that `port: $(port)` is a number. What is not shaped like an exercise is returned as it is: the schema will say so.
 */
export function fillDefinition(definition: unknown): unknown {
  if (!isRecord(definition)) return definition;
  const { terms } = definition;
  if (!isTerms(terms)) return definition;
  return Object.fromEntries(
    Object.entries(definition).map(([key, value]) => [key, key === 'terms' ? value : fill(value, terms)]),
  );
}

function fill(value: unknown, terms: Terms): unknown {
  if (typeof value === 'string') return fillScalar(value, terms);
  if (Array.isArray(value)) return value.map((item) => fill(item, terms));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [fillText(key, terms), fill(inner, terms)]),
  );
}

function fillScalar(text: string, terms: Terms): string | number {
  const name = /^\$\(([a-z][A-Za-z0-9]*)\)$/.exec(text)?.[1];
  return (name === undefined ? undefined : termOf(terms, name)) ?? fillText(text, terms);
}

function termOf(terms: Terms, name: string): string | number | undefined {
  return Object.hasOwn(terms, name) ? terms[name] : undefined;
}

function isTerms(value: unknown): value is Terms {
  return (
    isRecord(value) &&
    Object.values(value).every((term) => typeof term === 'string' || typeof term === 'number')
  );
}
