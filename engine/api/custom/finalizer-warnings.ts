/**
 * What clients are warned of about finalizers of custom resources. Source:
 * apiextensions-apiserver/pkg/registry/customresource/validator.go (validateKubeFinalizerName).
 */
import type { JsonObject } from '../../base/json.ts';
import { struct, texts } from '../read.ts';
import type { KubeObject } from '../types/wire.ts';
import { checkQualifiedName } from '../validation/names.ts';

const standardFinalizers = new Set(['orphan', 'foregroundDeletion', 'kubernetes']);

/** The warnings about finalizers that a write adds. */
export function finalizerWarnings(object: JsonObject, old?: KubeObject): readonly string[] {
  const before = old?.metadata.finalizers ?? [];
  const added = texts(struct(object, 'metadata'), 'finalizers').filter((name) => !before.includes(name));
  return [...new Set(added)].sort().flatMap((name) => {
    const shown = `metadata.finalizers: ${JSON.stringify(name)}:`;
    const problems = checkQualifiedName(name).map((problem) => `${shown} ${problem}`);
    if (name.includes('/') || standardFinalizers.has(name)) return problems;
    const wish = name.includes('.')
      ? 'prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers'
      : 'prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers';
    return [...problems, `${shown} ${wish}`];
  });
}
