/**
 * The table of all kinds that are served, in the order of discovery.
 */
import { configMapKind } from './kinds/config-map.ts';
import { deploymentKind } from './kinds/deployment.ts';
import { endpointSliceKind } from './kinds/endpoint-slice.ts';
import { endpointsKind } from './kinds/endpoints.ts';
import { eventKind } from './kinds/event.ts';
import { ingressKind } from './kinds/ingress.ts';
import { ingressClassKind } from './kinds/ingress-class.ts';
import { limitRangeKind } from './kinds/limit-range.ts';
import { namespaceKind } from './kinds/namespace.ts';
import { networkPolicyKind } from './kinds/network-policy.ts';
import { nodeKind } from './kinds/node.ts';
import { podKind } from './kinds/pod.ts';
import { replicaSetKind } from './kinds/replica-set.ts';
import { replicationControllerKind } from './kinds/replication-controller.ts';
import { resourceQuotaKind } from './kinds/resource-quota.ts';
import { secretKind } from './kinds/secret.ts';
import { serviceKind } from './kinds/service.ts';
import { serviceAccountKind } from './kinds/service-account.ts';
import type { KindDefinition, Scheme } from './scheme.ts';

const builtinKinds: readonly KindDefinition[] = [
  configMapKind,
  endpointsKind,
  eventKind,
  limitRangeKind,
  namespaceKind,
  nodeKind,
  podKind,
  replicationControllerKind,
  resourceQuotaKind,
  secretKind,
  serviceAccountKind,
  serviceKind,
  deploymentKind,
  replicaSetKind,
  ingressClassKind,
  ingressKind,
  networkPolicyKind,
  endpointSliceKind,
];

/** Makes the scheme of the built-in kinds. */
export function createScheme(): Scheme {
  const byResource = new Map<string, KindDefinition>();
  const byKind = new Map<string, KindDefinition>();
  for (const kind of builtinKinds) {
    byResource.set(`${kind.group}/${kind.version}/${kind.plural}`, kind);
    byKind.set(`${kind.group}/${kind.version}/${kind.kind}`, kind);
  }
  return {
    kinds: builtinKinds,
    byResource: (group, version, plural) => byResource.get(`${group}/${version}/${plural}`),
    byKind: (group, version, kind) => byKind.get(`${group}/${version}/${kind}`),
  };
}
