/**
 * Namespaces. Source: pkg/registry/core/namespace/strategy.go, SetDefaults_Namespace.
 */
import type { JsonObject } from '../../base/json.ts';
import { asJson, mapStruct, struct, text, texts, withDefaults } from '../read.ts';
import type { KindDefinition } from '../scheme.ts';
import { checkDns1123Label } from '../validation/names.ts';
import { validateFinalizerName } from '../validation/object-meta.ts';
import { age, ageColumn, column, defineKind, keepStatus, nameColumn, withStatus } from './define.ts';

/** core/v1 Namespace. */
export const namespaceKind: KindDefinition = defineKind({
  kind: 'Namespace',
  plural: 'namespaces',
  shortNames: ['ns'],
  namespaced: false,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  schema: 'V1Namespace',
  subresources: ['status', 'finalize'],
  hasStatus: true,
  checkName: checkDns1123Label,
  changedMeta: ['new', 'changed'],
  applyDefaults: (namespace) =>
    mapStruct(labelled(namespace), 'status', (status) => withDefaults(status, { phase: 'Active' })),
  prepareForCreate: (namespace) => {
    const finalizers = texts(struct(namespace, 'spec'), 'finalizers');
    const all = finalizers.includes('kubernetes') ? finalizers : [...finalizers, 'kubernetes'];
    return withStatus(
      { ...labelled(namespace), spec: { ...struct(namespace, 'spec'), finalizers: all } },
      { phase: 'Active' },
    );
  },
  prepareForUpdate: (namespace, old) => {
    const finalizers = struct(asJson(old), 'spec').finalizers;
    const spec = finalizers === undefined ? {} : { finalizers };
    return keepStatus({ ...labelled(namespace), spec: { ...struct(namespace, 'spec'), ...spec } }, old);
  },
  validateRest: (namespace) =>
    texts(struct(namespace, 'spec'), 'finalizers').flatMap((name) =>
      validateFinalizerName('spec.finalizers', name),
    ),
  columns: [
    nameColumn,
    column('Status', 'string', 'Whether the namespace is in use or being deleted.'),
    ageColumn,
  ],
  row: (namespace, nowMs) => [
    namespace.metadata.name,
    text(struct(asJson(namespace), 'status'), 'phase'),
    age(namespace, nowMs),
  ],
  selectableFields: (namespace) => ({ 'status.phase': text(struct(asJson(namespace), 'status'), 'phase') }),
});

/** Every namespace carries its own name as a label, so that selectors can name it. */
function labelled(namespace: JsonObject): JsonObject {
  const metadata = struct(namespace, 'metadata');
  const name = text(metadata, 'name');
  if (name === '') return namespace;
  return {
    ...namespace,
    metadata: { ...metadata, labels: { ...struct(metadata, 'labels'), 'kubernetes.io/metadata.name': name } },
  };
}
