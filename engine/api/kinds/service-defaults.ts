/**
 * The defaults of Services, and the fields that go when a Service's type no longer needs them.
 * Source: SetDefaults_Service in pkg/apis/core/v1/defaults.go; dropTypeDependentFields in pkg/registry/core/service/strategy.go.
 */
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import {
  has,
  mapStruct,
  mapStructs,
  number,
  struct,
  structs,
  text,
  texts,
  withDefaults,
  without,
} from '../read.ts';

/** Three hours. Source: DefaultClientIPServiceAffinitySeconds. */
const clientIpTimeoutSeconds = 10_800;

/** The defaults of a Service. Addresses and node ports are given by the API server's allocators. */
export function defaultService(service: JsonObject): JsonObject {
  const result = mapStruct(service, 'spec', defaultSpec);
  if (text(struct(result, 'spec'), 'type') !== 'LoadBalancer') return result;
  return mapStruct(result, 'status', (status) =>
    mapStruct(status, 'loadBalancer', (loadBalancer) =>
      mapStructs(loadBalancer, 'ingress', (item) =>
        text(item, 'ip') === '' ? item : withDefaults(item, { ipMode: 'VIP' }),
      ),
    ),
  );
}

function defaultSpec(spec: JsonObject): JsonObject {
  let result = withDefaults(spec, { sessionAffinity: 'None', type: 'ClusterIP' });
  if (result.sessionAffinity === 'None') result = without(result, 'sessionAffinityConfig');
  if (result.sessionAffinity === 'ClientIP') {
    const timeout = struct(struct(result, 'sessionAffinityConfig'), 'clientIP').timeoutSeconds;
    if (timeout === undefined || timeout === null) {
      result = { ...result, sessionAffinityConfig: { clientIP: { timeoutSeconds: clientIpTimeoutSeconds } } };
    }
  }
  result = mapStructs(result, 'ports', (port) => {
    const filled = withDefaults(port, { protocol: 'TCP' });
    const isUnset = [0, '', undefined, null].includes(scalar(filled.targetPort));
    return isUnset ? { ...filled, targetPort: number(filled, 'port') ?? 0 } : filled;
  });
  const type = text(result, 'type');
  const isExternal =
    type === 'LoadBalancer' ||
    type === 'NodePort' ||
    (type === 'ClusterIP' && texts(result, 'externalIPs').length > 0);
  if (isExternal) result = withDefaults(result, { externalTrafficPolicy: 'Cluster' });
  if (type === 'NodePort' || type === 'LoadBalancer' || type === 'ClusterIP') {
    result = withDefaults(result, { internalTrafficPolicy: 'Cluster' });
  }
  return type === 'LoadBalancer' ? withDefaults(result, { allocateLoadBalancerNodePorts: true }) : result;
}

function scalar(value: unknown): string | number | null | undefined {
  return typeof value === 'string' || typeof value === 'number' || value === null ? value : undefined;
}

/**
 * What an update takes away when the type changed and the client left fields of the old type as they were, so that changing
 * `type` alone is enough.
 */
export function dropTypeDependentFields(service: JsonObject, old: JsonObject): JsonObject {
  const before = struct(old, 'spec');
  // The cloud takes its balancer away in its own time, and nobody has to see that.
  const isBalanced = text(struct(service, 'spec'), 'type') === 'LoadBalancer';
  const told = isBalanced
    ? service
    : mapStruct(service, 'status', (status) => ({ ...status, loadBalancer: {} }));
  return mapStruct(told, 'spec', (spec) => {
    const type = text(spec, 'type');
    const oldType = text(before, 'type');
    let result = spec;
    if (needsClusterIP(oldType) && !needsClusterIP(type)) {
      const same =
        text(spec, 'clusterIP') === text(before, 'clusterIP') &&
        jsonEqual(texts(spec, 'clusterIPs'), texts(before, 'clusterIPs'));
      if (same) result = without(result, 'clusterIP', 'clusterIPs');
      if (jsonEqual(spec.ipFamilies, before.ipFamilies)) result = without(result, 'ipFamilies');
      if (jsonEqual(spec.ipFamilyPolicy, before.ipFamilyPolicy)) result = without(result, 'ipFamilyPolicy');
    }
    if (needsNodePort(oldType) && !needsNodePort(type) && sameNodePorts(spec, before)) {
      result = mapStructs(result, 'ports', (port) => without(port, 'nodePort'));
    }
    if (
      needsHealthCheckNodePort(before) &&
      !needsHealthCheckNodePort(spec) &&
      spec.healthCheckNodePort === before.healthCheckNodePort
    ) {
      result = without(result, 'healthCheckNodePort');
    }
    if (oldType === 'LoadBalancer' && type !== 'LoadBalancer') {
      for (const key of ['allocateLoadBalancerNodePorts', 'loadBalancerClass']) {
        if (spec[key] === before[key]) result = without(result, key);
      }
    }
    if (
      !isExternallyAccessible(spec) &&
      isExternallyAccessible(before) &&
      spec.externalTrafficPolicy === before.externalTrafficPolicy
    ) {
      result = without(result, 'externalTrafficPolicy');
    }
    return result;
  });
}

function needsClusterIP(type: string): boolean {
  return type !== 'ExternalName';
}

function needsNodePort(type: string): boolean {
  return type === 'NodePort' || type === 'LoadBalancer';
}

function needsHealthCheckNodePort(spec: JsonObject): boolean {
  return text(spec, 'type') === 'LoadBalancer' && text(spec, 'externalTrafficPolicy') === 'Local';
}

function isExternallyAccessible(spec: JsonObject): boolean {
  const type = text(spec, 'type');
  return type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && has(spec, 'externalIPs'));
}

/** Whether the client left the node ports alone: none of them is new. */
function sameNodePorts(spec: JsonObject, before: JsonObject): boolean {
  const known = new Set(structs(before, 'ports').map((port) => number(port, 'nodePort') ?? 0));
  return structs(spec, 'ports').every((port) => {
    const nodePort = number(port, 'nodePort') ?? 0;
    return nodePort === 0 || known.has(nodePort);
  });
}
