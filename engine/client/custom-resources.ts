/**
 * Following which custom resources are served, for controllers that watch objects of every kind. It stands for the discovery
 * that kube-controller-manager's garbage collector, quota and namespace controllers repeat.
 */
import { customResourceDefinitions, resourceOfDefinition } from '../api/custom/definition.ts';
import type { Resource } from '../api/types/resources.ts';
import type { KubeObject } from '../api/types/wire.ts';
import type { InformerFactory } from './client.ts';

/** What is served now, in the order of the definitions' names. */
export function servedCustomResources(informers: InformerFactory): readonly Resource<KubeObject>[] {
  return informers
    .informer(customResourceDefinitions)
    .list()
    .flatMap((definition) => resourceOfDefinition(definition) ?? []);
}

/** Calls `found` once for every custom resource that is served or comes to be. */
export function onCustomResource(
  informers: InformerFactory,
  found: (resource: Resource<KubeObject>) => void,
): void {
  const known = new Set<string>();
  const tell = (resource: Resource<KubeObject> | undefined): void => {
    if (resource === undefined || known.has(`${resource.group}/${resource.plural}`)) return;
    known.add(`${resource.group}/${resource.plural}`);
    found(resource);
  };
  for (const resource of servedCustomResources(informers)) tell(resource);
  informers.informer(customResourceDefinitions).onChange(({ after }) => {
    if (after !== undefined) tell(resourceOfDefinition(after));
  });
}
