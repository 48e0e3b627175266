/**
 * Which objects a list, watch or deletecollection is about: label and field selectors. Source:
 * k8s.io/apiserver/pkg/endpoints/handlers/get.go, and the field label conversions of each kind.
 */
import type { ApiRequest } from '../../api/request.ts';
import type { KindDefinition } from '../../api/scheme.ts';
import { type FieldTerm, matchesFields, parseFieldSelector } from '../../api/selectors/field-selector.ts';
import { matchesLabels, parseLabelSelector } from '../../api/selectors/label-selector.ts';
import { err, ok } from '../../base/result.ts';
import type { StoredObject } from '../store/store.ts';
import { badRequest, type Outcome } from './refusals.ts';
import { queryValue } from './server-context.ts';

/** Tells whether an object is selected. */
export type Selection = (object: StoredObject) => boolean;

/** Reads a request's selectors; terms about fields that the kind does not offer are refused. */
export function parseSelection(request: ApiRequest, kind: KindDefinition): Outcome<Selection> {
  const labels = parseLabelSelector(queryValue(request, 'labelSelector') ?? '');
  if (!labels.ok) return err(badRequest(labels.error));
  const fields = parseFieldSelector(queryValue(request, 'fieldSelector') ?? '');
  if (!fields.ok) return err(badRequest(fields.error));
  const problem = unknownField(kind, fields.value);
  if (problem !== undefined) return err(badRequest(problem));
  const requirements = labels.value;
  const terms = fields.value;
  if (requirements.length === 0 && terms.length === 0) return ok(() => true);
  return ok(
    (object) =>
      matchesLabels(requirements, object.metadata.labels) && matchesFields(terms, fieldsOf(kind, object)),
  );
}

function fieldsOf(kind: KindDefinition, object: StoredObject): (field: string) => string | undefined {
  const own = kind.selectableFields?.(object) ?? {};
  return (field) => {
    if (field === 'metadata.name') return object.metadata.name;
    if (field === 'metadata.namespace') return object.metadata.namespace ?? '';
    return Object.hasOwn(own, field) ? own[field] : undefined;
  };
}

function unknownField(kind: KindDefinition, terms: readonly FieldTerm[]): string | undefined {
  if (terms.length === 0) return undefined;
  // Which fields a kind offers does not depend on the object.
  const own = kind.selectableFields?.({ kind: kind.kind, apiVersion: '', metadata: { name: '' } });
  // Kinds with fields of their own name all that they offer; a namespace is none of a cluster-scoped one's.
  const hasNamespace = own === undefined || kind.namespaced;
  const known = new Set([
    'metadata.name',
    ...(hasNamespace ? ['metadata.namespace'] : []),
    ...Object.keys(own ?? {}),
  ]);
  const unknown = terms.find(({ field }) => !known.has(field));
  if (unknown === undefined) return undefined;
  if (kind.unknownFieldError !== undefined) return kind.unknownFieldError(unknown.field);
  return own === undefined
    ? `${JSON.stringify(unknown.field)} is not a known field selector: only "metadata.name", "metadata.namespace"`
    : `field label not supported: ${unknown.field}`;
}
