/**
 * NetworkPolicies. Source: pkg/registry/networking/networkpolicy/strategy.go, SetDefaults_NetworkPolicy,
 * printNetworkPolicy.
 */
import type { JsonObject } from '../../base/json.ts';
import { asJson, mapField, mapStructs, struct, structs, text, texts, withDefaults } from '../read.ts';
import type { KindDefinition } from '../scheme.ts';
import { networkWarnings } from '../validation/ip.ts';
import { validateNetworkPolicy, validateNetworkPolicyUpdate } from '../validation/network-policy.ts';
import { age, ageColumn, column, defineKind, nameColumn } from './define.ts';
import { bumpGeneration, firstGeneration } from './generation.ts';
import { formatLabelSelector } from './workload.ts';

/** networking.k8s.io/v1 NetworkPolicy. */
export const networkPolicyKind: KindDefinition = defineKind({
  group: 'networking.k8s.io',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  shortNames: ['netpol'],
  schema: 'V1NetworkPolicy',
  hasGeneration: true,
  applyDefaults,
  prepareForCreate: firstGeneration,
  prepareForUpdate: (policy, old) => bumpGeneration(policy, old),
  validateRest: validateNetworkPolicy,
  validateChange: validateNetworkPolicyUpdate,
  warnings,
  columns: [nameColumn, column('Pod-Selector', 'string', 'The Pods that it is about.'), ageColumn],
  row: (object, nowMs) => [
    object.metadata.name,
    formatLabelSelector(struct(asJson(object), 'spec'), 'podSelector'),
    age(object, nowMs),
  ],
});

function applyDefaults(policy: JsonObject): JsonObject {
  return { ...policy, spec: defaultSpec(struct(policy, 'spec')) };
}

function defaultSpec(spec: JsonObject): JsonObject {
  const ruled = ['ingress', 'egress'].reduce(
    (result, key) =>
      mapStructs(result, key, (rule) =>
        mapStructs(rule, 'ports', (port) => withDefaults(port, { protocol: 'TCP' })),
      ),
    spec,
  );
  return mapField(ruled, 'policyTypes', (types) => {
    if (Array.isArray(types) && types.length > 0) return types;
    return structs(spec, 'egress').length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
  });
}

function warnings(policy: JsonObject): readonly string[] {
  const spec = struct(policy, 'spec');
  const directions = [
    ['ingress', 'from'],
    ['egress', 'to'],
  ] as const;
  return directions.flatMap(([direction, peers]) =>
    structs(spec, direction).flatMap((rule, index) =>
      structs(rule, peers).flatMap((peer, at) => {
        const block = struct(peer, 'ipBlock');
        const path = `spec.${direction}[${index}].${peers}[${at}].ipBlock`;
        return [
          ...networkWarnings(`${path}.cidr`, text(block, 'cidr')),
          ...texts(block, 'except').flatMap((network, place) =>
            networkWarnings(`${path}.except[${place}]`, network),
          ),
        ];
      }),
    ),
  );
}
