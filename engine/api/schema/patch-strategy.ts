/**
 * How a strategic merge patch treats a field, and how server-side apply tells the items of a list apart.
 * Source: the patchStrategy and patchMergeKey tags of k8s.io/api and the x-kubernetes-list-* markers of the OpenAPI
 * document, kept in go-facts.json.
 */
import type { FieldType, Schema } from './schema.ts';

/** What a strategic merge patch does with a field. */
export interface PatchStrategy {
  /** A list: merged by key, merged as a set, or replaced. A map or struct: merged or replaced. */
  readonly strategy: 'merge' | 'replace';
  /** Fields of the target that the patch does not name are dropped (unions such as a Volume's source). */
  readonly retainKeys: boolean;
  /** The key that tells the items of a merged list apart; absent for lists of scalars. */
  readonly mergeKey?: string;
  /** Server-side apply's view of a list. */
  readonly listType?: 'atomic' | 'map' | 'set';
  readonly listMapKeys: readonly string[];
  /** The type of the field's value, or of a list's or map's items, where it is a struct. */
  readonly itemSchema?: string;
  readonly shape: 'scalar' | 'list' | 'map' | 'struct';
}

/** The strategy of one field; undefined when the type has no such field. */
export function patchStrategy(
  schema: Schema,
  schemaName: string,
  fieldName: string,
): PatchStrategy | undefined {
  const field = schema.type(schemaName)?.fields.get(fieldName);
  if (field === undefined) return undefined;
  const shape = shapeOf(field.type);
  const isMerged =
    shape === 'list'
      ? field.patchStrategy.includes('merge')
      : shape !== 'scalar' && !field.patchStrategy.includes('replace');
  const itemSchema = structOf(field.type);
  return {
    strategy: isMerged ? 'merge' : 'replace',
    retainKeys: field.patchStrategy.includes('retainKeys'),
    ...(field.patchMergeKey === undefined ? {} : { mergeKey: field.patchMergeKey }),
    ...(field.listType === undefined ? {} : { listType: field.listType }),
    listMapKeys: field.listMapKeys,
    ...(itemSchema === undefined ? {} : { itemSchema }),
    shape,
  };
}

function shapeOf(type: FieldType): PatchStrategy['shape'] {
  if (type.kind === 'array') return 'list';
  if (type.kind === 'map') return 'map';
  return type.kind === 'ref' ? 'struct' : 'scalar';
}

function structOf(type: FieldType): string | undefined {
  if (type.kind === 'array') return structOf(type.items);
  if (type.kind === 'map') return structOf(type.values);
  return type.kind === 'ref' ? type.name : undefined;
}
