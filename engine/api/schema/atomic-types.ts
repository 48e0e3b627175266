/**
 * Types whose values are one piece to server-side apply: who sets one field of such a struct owns all of it. Source: the
 * definitions with `x-kubernetes-map-type: atomic` in /openapi/v2 of kube-apiserver v1.36.0.
 */
const atomicTypes: ReadonlySet<string> = new Set([
  'CoreV1EndpointPort',
  'DiscoveryV1EndpointPort',
  'RbacV1Subject',
  'V1ConfigMapKeySelector',
  'V1CrossVersionObjectReference',
  'V1EndpointAddress',
  'V1FileKeySelector',
  'V1LabelSelector',
  'V1LocalObjectReference',
  'V1NodeSelector',
  'V1NodeSelectorTerm',
  'V1ObjectFieldSelector',
  'V1ObjectReference',
  'V1OwnerReference',
  'V1ResourceFieldSelector',
  'V1RoleRef',
  'V1ScopeSelector',
  'V1SecretKeySelector',
  'V1SecretReference',
  'V1ServiceBackendPort',
  'V1TopologySelectorTerm',
  'V1TypedLocalObjectReference',
]);

/** Whether the values of a type, named as its model is, are one piece. */
export function isAtomicType(typeName: string): boolean {
  return atomicTypes.has(typeName);
}
