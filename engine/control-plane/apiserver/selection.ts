/**
 * Which objects a list, watch or deletecollection is about: label and field selectors.
 */
import type { ApiRequest } from '../../api/request.ts';
import type { KindDefinition } from '../../api/scheme.ts';
import { err, ok } from '../../base/result.ts';
import type { StoredObject } from '../store/store.ts';
import { badRequest, type Outcome } from './refusals.ts';
import { queryValue } from './server-context.ts';

/** Tells whether an object is selected. */
export type Selection = (object: StoredObject) => boolean;

/** Reads a request's selectors. */
export function parseSelection(request: ApiRequest, kind: KindDefinition): Outcome<Selection> {
  const fields = parseFieldTerms(queryValue(request, 'fieldSelector') ?? '');
  const labels = parseFieldTerms(queryValue(request, 'labelSelector') ?? '');
  if (fields === undefined || labels === undefined) return err(badRequest('unable to parse requirement'));
  return ok((object) => {
    const selectable = kind.selectableFields?.(object) ?? {};
    const fieldOf = (name: string): string | undefined => {
      if (name === 'metadata.name') return object.metadata.name;
      if (name === 'metadata.namespace') return object.metadata.namespace ?? '';
      return selectable[name];
    };
    return (
      fields.every((term) => (fieldOf(term.key) === term.value) === term.isEqual) &&
      labels.every((term) => (object.metadata.labels?.[term.key] === term.value) === term.isEqual)
    );
  });
}

function parseFieldTerms(text: string) {
  if (text === '') return [];
  const terms = text.split(',').map((term) => /^([^=!]+)(==|!=|=)(.*)$/.exec(term));
  if (terms.some((term) => term === null)) return undefined;
  return terms.map((term) => ({
    key: term?.[1] ?? '',
    isEqual: term?.[2] !== '!=',
    value: term?.[3] ?? '',
  }));
}
