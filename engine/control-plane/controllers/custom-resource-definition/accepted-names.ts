/**
 * Which names of a definition are its own: within a group each name belongs to who has had it first. Source:
 * apiextensions-apiserver/pkg/controller/status/naming_controller.go.
 */
import { struct, text, texts } from '../../../api/read.ts';
import { type JsonObject, jsonEqual } from '../../../base/json.ts';

/** A condition without its time. */
export interface ConditionDraft {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

/** What a definition is called from now on, and the condition that says whether that is what it asked for. */
export function acceptNames(
  definition: JsonObject,
  others: readonly JsonObject[],
): { readonly names: JsonObject; readonly condition: ConditionDraft } {
  const taken = others.map((other) => struct(struct(other, 'status'), 'acceptedNames'));
  const resources = new Set(
    taken.flatMap((names) => [text(names, 'plural'), text(names, 'singular'), ...texts(names, 'shortNames')]),
  );
  const kinds = new Set(taken.flatMap((names) => [text(names, 'kind'), text(names, 'listKind')]));
  const wanted = struct(struct(definition, 'spec'), 'names');
  const before = struct(struct(definition, 'status'), 'acceptedNames');
  const names = new Map(Object.entries(before));
  let conflict: { readonly reason: string; readonly message: string } | undefined;
  const accept = (key: string, used: ReadonlySet<string>, reason: string): void => {
    const name = text(wanted, key);
    if (name !== text(before, key) && used.has(name)) conflict = { reason, message: inUse(name) };
    else if (name !== '') names.set(key, name);
  };
  accept('plural', resources, 'PluralConflict');
  accept('singular', resources, 'SingularConflict');
  const shortNames = texts(wanted, 'shortNames');
  if (!jsonEqual(shortNames, texts(before, 'shortNames'))) {
    const own = texts(before, 'shortNames');
    const problems = shortNames.filter((name) => !own.includes(name) && resources.has(name)).map(inUse);
    if (problems.length > 0) conflict = { reason: 'ShortNamesConflict', message: aggregate(problems) };
    else if (shortNames.length === 0) names.delete('shortNames');
    else names.set('shortNames', shortNames);
  }
  accept('kind', kinds, 'KindConflict');
  accept('listKind', kinds, 'ListKindConflict');
  const categories = texts(wanted, 'categories');
  if (categories.length === 0) names.delete('categories');
  else names.set('categories', categories);
  const condition: ConditionDraft =
    conflict === undefined
      ? { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }
      : { type: 'NamesAccepted', status: 'False', ...conflict };
  return { names: Object.fromEntries(names), condition };
}

function inUse(name: string): string {
  return `${JSON.stringify(name)} is already in use`;
}

function aggregate(problems: readonly string[]): string {
  return problems.length === 1 ? (problems[0] ?? '') : `[${problems.join(', ')}]`;
}
