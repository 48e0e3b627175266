/** Gateway API's kinds that the controller acts on. They are custom resources: they are there once their definitions are. */
import type { Resource } from '../../api/types/resources.ts';
import type { KubeObject } from '../../api/types/wire.ts';

/** The API group of all of them. */
export const gatewayGroup = 'gateway.networking.k8s.io';

export const gatewayClasses: Resource<KubeObject> = {
  group: gatewayGroup,
  version: 'v1',
  plural: 'gatewayclasses',
  kind: 'GatewayClass',
  namespaced: false,
};
export const gateways: Resource<KubeObject> = {
  group: gatewayGroup,
  version: 'v1',
  plural: 'gateways',
  kind: 'Gateway',
  namespaced: true,
};
export const httpRoutes: Resource<KubeObject> = {
  group: gatewayGroup,
  version: 'v1',
  plural: 'httproutes',
  kind: 'HTTPRoute',
  namespaced: true,
};
export const grpcRoutes: Resource<KubeObject> = {
  group: gatewayGroup,
  version: 'v1',
  plural: 'grpcroutes',
  kind: 'GRPCRoute',
  namespaced: true,
};
export const tlsRoutes: Resource<KubeObject> = {
  group: gatewayGroup,
  version: 'v1',
  plural: 'tlsroutes',
  kind: 'TLSRoute',
  namespaced: true,
};
export const referenceGrants: Resource<KubeObject> = {
  group: gatewayGroup,
  version: 'v1',
  plural: 'referencegrants',
  kind: 'ReferenceGrant',
  namespaced: true,
};
