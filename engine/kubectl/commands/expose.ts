/** `kubectl expose`: makes a Service from what a Pod, a workload or another Service says of itself. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { withLastApplied } from '../apply/last-applied.ts';
import type { Command } from '../cli/command.ts';
import {
  dryRunFlag,
  fieldManagerFlag,
  filenameFlags,
  outputFlags,
  recordFlag,
  saveConfigFlag,
} from '../cli/flags.ts';
import { scalarAt } from '../describe/describe-writer.ts';
import { failure, joinFailures, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { objectAt, objectsAt, stringAt, valueAt } from '../rest/object-fields.ts';
import { fetchInfos, type ResourceInfo } from '../rest/resource-infos.ts';
import { overrideFlags, withOverrides } from './overrides.ts';
import { outcomePrinter, readDryRun, writeQuery } from './write-options.ts';

export const exposeCommand: Command = {
  name: 'expose',
  usage:
    '(-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] [--name=name] [--external-ip=external-ip-of-service] [--type=type]',
  short:
    'Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service',
  flags: [
    ...filenameFlags,
    ...outputFlags,
    dryRunFlag,
    fieldManagerFlag('kubectl-expose'),
    saveConfigFlag,
    ...overrideFlags,
    recordFlag,
    { name: 'cluster-ip', type: 'string', usage: "The address; 'None' for a headless Service." },
    { name: 'external-ip', type: 'string', usage: 'A further address that the Service accepts.' },
    { name: 'labels', short: 'l', type: 'string', usage: 'Labels of the Service.' },
    { name: 'load-balancer-ip', type: 'string', usage: 'Address wanted of the load balancer.' },
    { name: 'name', type: 'string', usage: 'Name of the Service.' },
    { name: 'port', type: 'string', usage: 'Port of the Service; that of what is exposed when left out.' },
    { name: 'protocol', type: 'string', usage: 'TCP, UDP or SCTP.' },
    { name: 'selector', type: 'string', usage: 'Labels that the Service selects by.' },
    { name: 'session-affinity', type: 'string', usage: "'None' or 'ClientIP'." },
    { name: 'target-port', type: 'string', usage: 'Port of the container, by number or name.' },
    { name: 'type', type: 'string', usage: 'ClusterIP, NodePort, LoadBalancer or ExternalName.' },
  ],
  run: runExpose,
};

async function runExpose(invocation: Invocation): Promise<Outcome<void>> {
  const dryRun = readDryRun(invocation);
  if (!dryRun.ok) return dryRun;
  const print = await outcomePrinter(invocation, dryRun.value, { typed: true });
  if (!print.ok) return print;
  const query = writeQuery(invocation, dryRun.value);
  if (!query.ok) return query;
  const fetched = await fetchInfos(invocation, { args: invocation.args, selector: '' });
  if (!fetched.ok) return fetched;
  for (const info of fetched.value.infos) {
    const described = serviceFor(invocation, info);
    if (!described.ok) return described;
    const service = withOverrides(invocation, described.value);
    if (!service.ok) return service;
    const object = invocation.flags.bool('save-config') ? withLastApplied(service.value) : service.value;
    const path = `/api/v1/namespaces/${invocation.namespace}/services`;
    const made =
      dryRun.value === 'client' ? ok(object) : await invocation.client.post(path, object, query.value);
    if (!made.ok) return made;
    const printed = print.value(made.value, 'exposed');
    if (!printed.ok) return printed;
  }
  const problem = joinFailures(fetched.value.failures);
  return problem === undefined ? ok(undefined) : { ok: false, error: problem };
}

/** Kinds that can be exposed, with the group that messages name. */
const exposable: ReadonlySet<string> = new Set([
  '/ReplicationController',
  '/Service',
  '/Pod',
  'apps/Deployment',
  'apps/ReplicaSet',
]);
/** Longer names are cut. Source: RFC 1035, length of a label. */
const longestName = 63;

function serviceFor(invocation: Invocation, info: ResourceInfo): Outcome<JsonObject> {
  const { flags } = invocation;
  const { mapping, object } = info;
  if (!exposable.has(`${mapping.group}/${mapping.kind}`)) {
    return failure(`cannot expose a ${mapping.kind}${mapping.group === '' ? '' : `.${mapping.group}`}`);
  }
  const selector =
    flags.string('selector') === '' ? ownSelector(info) : parseLabels(flags.string('selector'));
  if (!selector.ok) return selector;
  const ports = portsFor(invocation, object);
  if (!ports.ok) return ports;
  const labels = flags.string('labels') === '' ? ok(ownLabels(object)) : parseLabels(flags.string('labels'));
  if (!labels.ok) return labels;
  const affinity = flags.string('session-affinity');
  if (affinity !== '' && affinity !== 'None' && affinity !== 'ClientIP') {
    return failure(`unknown session affinity: ${affinity}`);
  }
  return ok({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      ...(labels.value === undefined ? {} : { labels: labels.value }),
      name: flags.string('name') || info.name.slice(0, longestName),
      ...(invocation.isNamespaceExplicit && flags.string('dry-run') === 'client'
        ? { namespace: invocation.namespace }
        : {}),
    },
    spec: {
      ...given('clusterIP', flags.string('cluster-ip')),
      ...(flags.string('external-ip') === '' ? {} : { externalIPs: [flags.string('external-ip')] }),
      ...(flags.string('type') === 'LoadBalancer'
        ? given('loadBalancerIP', flags.string('load-balancer-ip'))
        : {}),
      ...(ports.value.length === 0 ? {} : { ports: ports.value }),
      selector: selector.value,
      ...given('sessionAffinity', affinity),
      ...given('type', flags.string('type')),
    },
    status: { loadBalancer: {} },
  });
}

function given(field: string, value: string): JsonObject {
  return value === '' ? {} : { [field]: value };
}

function ownLabels(object: JsonObject): JsonObject | undefined {
  const labels = objectAt(object, 'metadata', 'labels');
  return Object.keys(labels).length === 0 ? undefined : labels;
}

/** The selector that an object implies: a Pod's labels, a workload's or Service's own selector. */
function ownSelector(info: ResourceInfo): Outcome<JsonObject> {
  const refused = (reason: string) =>
    failure(`couldn't retrieve selectors via --selector flag or introspection: ${reason}`);
  const { kind } = info.mapping;
  if (kind === 'Pod') {
    return ownLabels(info.object) === undefined
      ? refused('the pod has no labels and cannot be exposed')
      : ok(objectAt(info.object, 'metadata', 'labels'));
  }
  const selector = objectAt(info.object, 'spec', 'selector');
  if (kind === 'Service' || kind === 'ReplicationController') {
    if (Object.keys(selector).length > 0) return ok(selector);
    return kind === 'Service'
      ? refused('the service has no pod selector set')
      : failure('selector must be specified');
  }
  const labels = objectAt(selector, 'matchLabels');
  if (Object.keys(labels).length === 0) {
    return refused(`invalid ${kind.toLowerCase()}: no selectors, therefore cannot be exposed`);
  }
  if (objectsAt(selector, 'matchExpressions').length > 0) {
    return refused("couldn't convert expressions to map-based selector format");
  }
  return ok(labels);
}

function parseLabels(text: string): Outcome<JsonObject> {
  const pairs = new Map<string, string>();
  for (const part of text.split(',')) {
    const [key = '', value, more] = part.split('=');
    if (value === undefined || more !== undefined) return failure(`unexpected label spec: ${part}`);
    if (key === '') return failure('unexpected empty label key');
    pairs.set(key, value);
  }
  return ok(Object.fromEntries(pairs));
}

/** The ports of the Service: those of `--port`, else those that the object itself names. */
function portsFor(invocation: Invocation, object: JsonObject): Outcome<readonly JsonObject[]> {
  const { flags } = invocation;
  const known = knownPorts(object);
  const wanted = flags.string('port') === '' ? [...known.keys()] : flags.string('port').split(',');
  if (wanted.length === 0 && flags.string('cluster-ip') !== 'None') {
    return failure("couldn't find port via --port flag or introspection");
  }
  const protocol = flags.string('protocol');
  const target = flags.string('target-port');
  const ports: JsonObject[] = [];
  for (const [index, text] of wanted.entries()) {
    if (!/^-?\d+$/.test(text))
      return failure(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
    const port = Number(text);
    const targetPort = target === '' ? port : /^\d+$/.test(target) ? Number(target) : target;
    const protocols = protocol === '' ? (known.get(text) ?? ['TCP']) : [protocol];
    for (const one of protocols) {
      const suffix = protocols.length > 1 ? `-${one.toLowerCase()}` : '';
      const name = wanted.length > 1 || protocols.length > 1 ? { name: `port-${index + 1}${suffix}` } : {};
      ports.push({ ...name, port, protocol: one, targetPort });
    }
  }
  return ok(ports);
}

/** Port numbers of an object with their protocols, in order of first mention. */
function knownPorts(object: JsonObject): ReadonlyMap<string, readonly string[]> {
  const isService = valueAt(object, 'kind') === 'Service';
  const template =
    valueAt(object, 'spec', 'template', 'spec') === undefined
      ? objectAt(object, 'spec')
      : objectAt(object, 'spec', 'template', 'spec');
  const entries = isService
    ? objectsAt(object, 'spec', 'ports')
    : objectsAt(template, 'containers').flatMap((container) => objectsAt(container, 'ports'));
  const found = new Map<string, string[]>();
  for (const entry of entries) {
    const number = scalarAt(entry, isService ? 'port' : 'containerPort');
    const protocols = found.get(number) ?? [];
    const protocol = stringAt(entry, 'protocol') || 'TCP';
    if (!protocols.includes(protocol)) protocols.push(protocol);
    found.set(number, protocols);
  }
  return found;
}
