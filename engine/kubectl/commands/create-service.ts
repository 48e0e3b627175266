/** `kubectl create service clusterip|nodeport|loadbalancer|externalname`. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import type { FlagSpec } from '../cli/flag-table.ts';
import { failure, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { createSubcommand, type Generated, metadataOf, namespacedPath } from './create-object.ts';

type ServiceType = 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';

const tcpFlag: FlagSpec = { name: 'tcp', type: 'stringSlice', usage: 'Ports as <port>:<targetPort>.' };

const serviceCommands: readonly Command[] = [
  serviceCommand('clusterip', 'ClusterIP', 'Create a ClusterIP service', '[--tcp=<port>:<targetPort>]', [
    tcpFlag,
    { name: 'clusterip', type: 'string', usage: 'The address; None for a headless Service.' },
  ]),
  serviceCommand('nodeport', 'NodePort', 'Create a NodePort service', '[--tcp=port:targetPort]', [
    tcpFlag,
    { name: 'node-port', type: 'int', initial: '0', usage: 'The port on every node.' },
  ]),
  serviceCommand('loadbalancer', 'LoadBalancer', 'Create a LoadBalancer service', '[--tcp=port:targetPort]', [
    tcpFlag,
  ]),
  serviceCommand(
    'externalname',
    'ExternalName',
    'Create an ExternalName service',
    '--external-name external.name',
    [tcpFlag, { name: 'external-name', type: 'string', usage: 'The name outside the cluster.' }],
  ),
];

export const createServiceCommand: Command = {
  name: 'service',
  usage: '[flags]',
  short: 'Create a service using a specified subcommand',
  aliases: ['svc'],
  flags: [],
  subcommands: serviceCommands,
};

function serviceCommand(
  name: string,
  type: ServiceType,
  short: string,
  usage: string,
  flags: readonly FlagSpec[],
): Command {
  return createSubcommand({
    name,
    usage: `NAME ${usage} [--dry-run=server|client|none]`,
    short,
    flags,
    ...(type === 'ExternalName' ? { requiredFlags: ['external-name'] } : {}),
    generate: (invocation, serviceName) => generateService(invocation, serviceName, type),
  });
}

function generateService(invocation: Invocation, name: string, type: ServiceType): Outcome<Generated> {
  const { flags } = invocation;
  const clusterIP = flags.has('clusterip') ? flags.string('clusterip') : '';
  const specifiers = flags.strings('tcp');
  if (clusterIP !== 'None' && specifiers.length === 0 && type !== 'ExternalName') {
    return failure('at least one tcp port specifier must be provided');
  }
  const ports: JsonObject[] = [];
  for (const specifier of specifiers) {
    const port = parsePort(specifier);
    if (!port.ok) return port;
    const nodePort = flags.has('node-port') ? flags.int('node-port') : 0;
    ports.push({ ...port.value, ...(nodePort === 0 ? {} : { nodePort }) });
  }
  // Source: create_service.go: such a name is refused before the server sees it.
  if (type === 'ExternalName' && !isSubdomain(flags.string('external-name')))
    return failure(`invalid service external name ${flags.string('external-name')}`);
  const externalName = type === 'ExternalName' ? { externalName: flags.string('external-name') } : {};
  return ok({
    object: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadataOf(invocation, name, { app: name }),
      spec: {
        ...(clusterIP === '' ? {} : { clusterIP }),
        ...externalName,
        ...(ports.length === 0 ? {} : { ports }),
        selector: { app: name },
        type,
      },
      status: { loadBalancer: {} },
    },
    path: namespacedPath(invocation, '/api/v1', 'services'),
    refusal: `failed to create ${type} service: `,
  });
}

/** Source: RFC 1123, as k8s.io/apimachinery/pkg/util/validation has it. */
function isSubdomain(name: string): boolean {
  return (
    name.length <= 253 && /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/.test(name)
  );
}

function parsePort(specifier: string): Outcome<JsonObject> {
  const [port = '', target] = specifier.split(':');
  if (!/^\d+$/.test(port))
    return failure(`strconv.ParseUint: parsing ${JSON.stringify(port)}: invalid syntax`);
  if (Number(port) > 65_535)
    return failure(`strconv.ParseUint: parsing ${JSON.stringify(port)}: value out of range`);
  const targetPort = target === undefined ? Number(port) : parseTarget(target);
  if (typeof targetPort === 'number' && (targetPort < 1 || targetPort > 65_535)) {
    return failure('must be between 1 and 65535, inclusive');
  }
  return ok({ name: specifier.replaceAll(':', '-'), port: Number(port), protocol: 'TCP', targetPort });
}

function parseTarget(target: string): number | string {
  return /^\d+$/.test(target) ? Number(target) : target;
}
