/**
 * Services. Source: pkg/registry/core/service/strategy.go, SetDefaults_Service, printService.
 */
import type { JsonObject } from '../../base/json.ts';
import { asJson, number, struct, structs, text, texts } from '../read.ts';
import type { KindDefinition } from '../scheme.ts';
import { checkDns1123Label } from '../validation/names.ts';
import { validateService, validateServiceUpdate } from '../validation/service.ts';
import {
  age,
  ageColumn,
  column,
  defineKind,
  formatLabels,
  keepStatus,
  nameColumn,
  wideColumn,
  withStatus,
} from './define.ts';
import { defaultService, dropTypeDependentFields } from './service-defaults.ts';
import { serviceWarnings } from './service-warnings.ts';

/** core/v1 Service. */
export const serviceKind: KindDefinition = defineKind({
  kind: 'Service',
  plural: 'services',
  shortNames: ['svc'],
  categories: ['all'],
  schema: 'V1Service',
  subresources: ['status', 'proxy'],
  hasStatus: true,
  checkName: checkDns1123Label,
  applyDefaults: defaultService,
  prepareForCreate: (service) => withStatus(service, { loadBalancer: {} }),
  prepareForUpdate: (service, old) => dropTypeDependentFields(keepStatus(service, old), asJson(old)),
  validateRest: validateService,
  validateChange: validateServiceUpdate,
  warnings: serviceWarnings,
  columns: [
    nameColumn,
    column('Type', 'string', 'How the Service is reached.'),
    column('Cluster-IP', 'string', 'Its address in the cluster.'),
    column('External-IP', 'string', 'Its addresses outside the cluster.'),
    column('Port(s)', 'string', 'Its ports, with those of the nodes.'),
    ageColumn,
    wideColumn('Selector', 'string', 'The labels of the Pods behind it.'),
  ],
  row: (object, nowMs) => {
    const service = asJson(object);
    const spec = struct(service, 'spec');
    return [
      object.metadata.name,
      text(spec, 'type'),
      texts(spec, 'clusterIPs')[0] ?? '<none>',
      externalAddresses(service),
      formatPorts(spec),
      age(object, nowMs),
      formatLabels(spec, 'selector'),
    ];
  },
  selectableFields: (object) => {
    const spec = struct(asJson(object), 'spec');
    return { 'spec.clusterIP': text(spec, 'clusterIP'), 'spec.type': text(spec, 'type') };
  },
});

function externalAddresses(service: JsonObject): string {
  const spec = struct(service, 'spec');
  const given = texts(spec, 'externalIPs');
  switch (text(spec, 'type')) {
    case 'ClusterIP':
    case 'NodePort':
      return given.length === 0 ? '<none>' : given.join(',');
    case 'LoadBalancer': {
      const all = [...ingressAddresses(struct(struct(service, 'status'), 'loadBalancer')), ...given];
      return all.length === 0 ? '<pending>' : all.join(',');
    }
    case 'ExternalName':
      return text(spec, 'externalName');
    default:
      return '<unknown>';
  }
}

/** The addresses that a load balancer was given, sorted. */
function ingressAddresses(loadBalancer: JsonObject): readonly string[] {
  const found = structs(loadBalancer, 'ingress').map((item) => text(item, 'ip') || text(item, 'hostname'));
  return [...new Set(found.filter((address) => address !== ''))].sort();
}

function formatPorts(spec: JsonObject): string {
  const ports = structs(spec, 'ports').map((port) => {
    const nodePort = number(port, 'nodePort') ?? 0;
    return `${number(port, 'port') ?? 0}${nodePort > 0 ? `:${nodePort}` : ''}/${text(port, 'protocol')}`;
  });
  return ports.length === 0 ? '<none>' : ports.join(',');
}
