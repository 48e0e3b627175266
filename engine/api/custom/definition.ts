/** Reading a CustomResourceDefinition. Source: apiextensions-apiserver/pkg/apihelpers. */
import type { JsonObject } from '../../base/json.ts';
import { asJson, flag, struct, structs, text } from '../read.ts';
import type { Resource } from '../types/resources.ts';
import type { KubeObject } from '../types/wire.ts';

/** Definitions themselves. */
export const customResourceDefinitions: Resource<KubeObject> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};

/** Holds a definition back until its objects are gone. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

/** Whether a condition of a definition's status holds. */
export function isConditionTrue(definition: JsonObject, type: string): boolean {
  return structs(struct(definition, 'status'), 'conditions').some(
    (condition) => text(condition, 'type') === type && text(condition, 'status') === 'True',
  );
}

/** The objects that a definition defines, in the version that is stored; undefined while none are served. */
export function resourceOfDefinition(definition: KubeObject): Resource<KubeObject> | undefined {
  const json = asJson(definition);
  const spec = struct(json, 'spec');
  const served = structs(spec, 'versions').filter((version) => flag(version, 'served'));
  const version = served.find((candidate) => flag(candidate, 'storage')) ?? served[0];
  if (version === undefined || !isConditionTrue(json, 'Established')) return undefined;
  const names = struct(struct(json, 'status'), 'acceptedNames');
  return {
    group: text(spec, 'group'),
    version: text(version, 'name'),
    plural: text(names, 'plural'),
    kind: text(names, 'kind'),
    namespaced: text(spec, 'scope') === 'Namespaced',
  };
}
