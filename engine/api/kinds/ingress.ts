/**
 * Ingresses. Source: pkg/registry/networking/ingress/strategy.go, printIngress.
 */
import type { JsonObject } from '../../base/json.ts';
import { asJson, has, struct, structs, text } from '../read.ts';
import type { KindDefinition } from '../scheme.ts';
import { ingressClassAnnotation, validateIngress, validateIngressUpdate } from '../validation/ingress.ts';
import { age, ageColumn, column, defineKind, nameColumn } from './define.ts';
import { beginGeneration, bumpGeneration } from './generation.ts';

/** Hosts that a cell shows before it counts the rest. */
const shownHosts = 3;

/** networking.k8s.io/v1 Ingress. */
export const ingressKind: KindDefinition = defineKind({
  group: 'networking.k8s.io',
  kind: 'Ingress',
  plural: 'ingresses',
  shortNames: ['ing'],
  schema: 'V1Ingress',
  subresources: ['status'],
  hasStatus: true,
  hasGeneration: true,
  prepareForCreate: (ingress) => beginGeneration(ingress, { loadBalancer: {} }),
  prepareForUpdate: (ingress, old) => bumpGeneration(ingress, old),
  changedMeta: ['changed', 'new'],
  validateRest: validateIngress,
  validateChange: validateIngressUpdate,
  warnings: (ingress, old) =>
    old === undefined &&
    has(struct(struct(ingress, 'metadata'), 'annotations'), ingressClassAnnotation) &&
    !has(struct(ingress, 'spec'), 'ingressClassName')
      ? [`annotation "${ingressClassAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`]
      : [],
  columns: [
    nameColumn,
    column('Class', 'string', 'The IngressClass whose controller serves it.'),
    column('Hosts', 'string', 'The hosts that it has rules for.'),
    column('Address', 'string', 'The addresses at which it is served.'),
    column('Ports', 'string', 'The ports at which it is served.'),
    ageColumn,
  ],
  row: (object, nowMs) => {
    const ingress = asJson(object);
    const spec = struct(ingress, 'spec');
    return [
      object.metadata.name,
      has(spec, 'ingressClassName') ? text(spec, 'ingressClassName') : '<none>',
      formatHosts(structs(spec, 'rules')),
      formatAddresses(struct(struct(ingress, 'status'), 'loadBalancer')),
      structs(spec, 'tls').length > 0 ? '80, 443' : '80',
      age(object, nowMs),
    ];
  },
});

function formatHosts(rules: readonly JsonObject[]): string {
  const hosts: string[] = [];
  let isMore = false;
  for (const rule of rules) {
    if (hosts.length === shownHosts) isMore = true;
    else if (text(rule, 'host') !== '') hosts.push(text(rule, 'host'));
  }
  const list = hosts.length === 0 ? '*' : hosts.join(',');
  return isMore ? `${list} + ${rules.length - shownHosts} more...` : list;
}

function formatAddresses(balancer: JsonObject): string {
  const addresses = structs(balancer, 'ingress').map((item) => text(item, 'ip') || text(item, 'hostname'));
  return [...new Set(addresses)]
    .filter((address) => address !== '')
    .sort()
    .join(',');
}
