/**
 * Nodes. Source: pkg/registry/core/node/strategy.go, printNode.
 */
import type { JsonObject } from '../../base/json.ts';
import { asJson, flag, has, mapField, mapStruct, struct, structs, text, textMap, texts } from '../read.ts';
import type { KindDefinition } from '../scheme.ts';
import { validateNode, validateNodeUpdate } from '../validation/node.ts';
import { age, ageColumn, column, defineKind, keepStatus, nameColumn, wideColumn } from './define.ts';
import { roundResources } from './pod-defaults.ts';

/** core/v1 Node. */
export const nodeKind: KindDefinition = defineKind({
  kind: 'Node',
  plural: 'nodes',
  shortNames: ['no'],
  namespaced: false,
  schema: 'V1Node',
  subresources: ['status', 'proxy'],
  hasStatus: true,
  applyDefaults: (node) => mapStruct(mapStruct(node, 'spec', alignRanges), 'status', defaultStatus),
  prepareForUpdate: keepStatus,
  validateRest: validateNode,
  changedMeta: ['new', 'changed'],
  validateChange: validateNodeUpdate,
  warnings: nodeWarnings,
  columns: [
    nameColumn,
    column('Status', 'string', 'Whether the node is ready and takes Pods.'),
    column('Roles', 'string', 'The roles that its labels give the node.'),
    ageColumn,
    column('Version', 'string', 'The version of its kubelet.'),
    wideColumn('Internal-IP', 'string', 'Its address in the network of nodes.'),
    wideColumn('External-IP', 'string', 'Its address outside the cluster.'),
    wideColumn('OS-Image', 'string', 'The operating system.'),
    wideColumn('Kernel-Version', 'string', 'The kernel and its architecture.'),
    wideColumn('Container-Runtime', 'string', 'The container runtime and its version.'),
  ],
  row: (object, nowMs) => {
    const node = asJson(object);
    const info = struct(struct(node, 'status'), 'nodeInfo');
    const architecture = text(info, 'architecture');
    return [
      object.metadata.name,
      nodeStatus(node),
      nodeRoles(node),
      age(object, nowMs),
      text(info, 'kubeletVersion'),
      address(node, 'InternalIP'),
      address(node, 'ExternalIP'),
      text(info, 'osImage') || '<unknown>',
      `${text(info, 'kernelVersion') || '<unknown>'}${architecture === '' ? '' : ` (${architecture})`}`,
      text(info, 'containerRuntimeVersion') || '<unknown>',
    ];
  },
  selectableFields: (node) => ({
    'spec.unschedulable': String(flag(struct(asJson(node), 'spec'), 'unschedulable')),
  }),
});

/**
 * One range of Pods is the first of the list; where both are there and differ, the one counts. Source:
 * Convert_v1_NodeSpec_To_core_NodeSpec and back.
 */
function alignRanges(spec: JsonObject): JsonObject {
  const first = text(spec, 'podCIDR');
  const [listed = ''] = texts(spec, 'podCIDRs');
  if (first === listed) return spec;
  return first === '' ? { ...spec, podCIDR: listed } : { ...spec, podCIDRs: [first] };
}

function nodeWarnings(node: JsonObject): readonly string[] {
  const isNamed = text(struct(node, 'spec'), 'externalID') !== '';
  return isNamed ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes'] : [];
}

function defaultStatus(status: JsonObject): JsonObject {
  const filled =
    has(status, 'capacity') && !has(status, 'allocatable')
      ? { ...status, allocatable: struct(status, 'capacity') }
      : status;
  return mapField(mapField(filled, 'capacity', roundResources), 'allocatable', roundResources);
}

function nodeStatus(node: JsonObject): string {
  const ready = structs(struct(node, 'status'), 'conditions').find((item) => text(item, 'type') === 'Ready');
  const words = [ready === undefined ? 'Unknown' : text(ready, 'status') === 'True' ? 'Ready' : 'NotReady'];
  if (flag(struct(node, 'spec'), 'unschedulable')) words.push('SchedulingDisabled');
  return words.join(',');
}

function nodeRoles(node: JsonObject): string {
  const roles = new Set<string>();
  for (const [key, value] of textMap(struct(node, 'metadata'), 'labels')) {
    if (key.startsWith('node-role.kubernetes.io/')) roles.add(key.slice('node-role.kubernetes.io/'.length));
    else if (key === 'kubernetes.io/role') roles.add(value);
  }
  roles.delete('');
  return roles.size === 0 ? '<none>' : [...roles].sort().join(',');
}

function address(node: JsonObject, type: string): string {
  const found = structs(struct(node, 'status'), 'addresses').find((item) => text(item, 'type') === type);
  return found === undefined ? '<none>' : text(found, 'address');
}
