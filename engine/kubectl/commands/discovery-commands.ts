/** `kubectl api-resources`, `api-versions`, `cluster-info` and `version`: what there is to talk to. */
import { kubernetesVersion } from '../../api/version.ts';
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import type { Command } from '../cli/command.ts';
import { type Failure, failure, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { alignTabs, tableLayout } from '../printers/tab-writer.ts';
import { formatInOrder } from '../printers/typed-object.ts';
import { formatYaml } from '../printers/yaml.ts';
import { describeFailedRequest, discoveryRequest } from '../rest/dial.ts';
import { discoverGroups, type Mapping } from '../rest/discovery.ts';
import { objectsAt, stringAt } from '../rest/object-fields.ts';
import { apiVersionOf, qualifiedResource } from '../rest/rest-mapper.ts';
import { complainOfDiscovery } from '../unreachable.ts';
import { clusterInfoDumpCommand } from './cluster-info-dump.ts';

export const apiResourcesCommand: Command = {
  name: 'api-resources',
  usage: '[flags]',
  short: 'Print the supported API resources on the server',
  flags: [
    { name: 'api-group', type: 'string', usage: 'Only this group.' },
    { name: 'cached', type: 'bool', initial: 'false', usage: 'Takes what is known already.' },
    { name: 'categories', type: 'stringSlice', usage: 'Only kinds of these categories.' },
    {
      name: 'namespaced',
      type: 'bool',
      initial: 'true',
      usage: 'Only kinds with, or with =false without, namespaces.',
    },
    { name: 'no-headers', type: 'bool', initial: 'false', usage: 'Leaves the line of headers out.' },
    { name: 'output', short: 'o', type: 'string', usage: 'Format: wide or name.' },
    {
      name: 'show-managed-fields',
      type: 'bool',
      initial: 'false',
      usage: 'Keeps managedFields in JSON and YAML.',
    },
    { name: 'sort-by', type: 'string', usage: 'name or kind.' },
    { name: 'verbs', type: 'stringSlice', usage: 'Only kinds with these verbs.' },
  ],
  run: runApiResources,
};

async function runApiResources(invocation: Invocation): Promise<Outcome<void>> {
  const { args, flags } = invocation;
  if (args.length > 0) return invocation.usageFailure(`unexpected arguments: [${args.join(' ')}]`);
  const output = flags.string('output');
  const format = structuredFormats.find((one) => one === output.toLowerCase());
  if (format === undefined && output !== '' && output !== 'wide' && output.toLowerCase() !== 'name') {
    return failure(
      `unable to match a printer suitable for the output format ${JSON.stringify(output)}, allowed formats are: json,kyaml,name,wide,yaml`,
    );
  }
  if (!['', 'name', 'kind'].includes(flags.string('sort-by')))
    return failure('--sort-by accepts only name or kind');
  const mapper = await invocation.client.mapper();
  if (!mapper.ok) return mapper;
  const key = sortKeys.get(flags.string('sort-by')) ?? sortKey;
  const shown = preferredOnly(mapper.value.mappings)
    .filter((one) => isWanted(invocation, one))
    .sort((a, b) => compareKeys(key(a), key(b)));
  if (format !== undefined) {
    const list = resourceList(shown);
    invocation.out(format === 'yaml' ? formatYaml(list) : formatInOrder(list, format));
    return ok(undefined);
  }
  if (output.toLowerCase() === 'name') {
    invocation.out(shown.map((one) => `${qualifiedResource(one)}\n`).join(''));
    return ok(undefined);
  }
  const isWide = output === 'wide';
  const headers = [
    'NAME',
    'SHORTNAMES',
    'APIVERSION',
    'NAMESPACED',
    'KIND',
    ...(isWide ? ['VERBS', 'CATEGORIES'] : []),
  ];
  const rows = shown.map((one) => [
    one.plural,
    one.shortNames.join(','),
    apiVersionOf(one),
    String(one.namespaced),
    one.kind,
    ...(isWide ? [one.verbs.join(','), one.categories.join(',')] : []),
  ]);
  const lines = flags.bool('no-headers') ? rows : [headers, ...rows];
  invocation.out(alignTabs(lines.map((cells) => `${cells.join('\t')}\n`).join(''), tableLayout));
  return ok(undefined);
}

/** A kind that a group has in several versions is shown in the preferred one, which comes first. */
function preferredOnly(mappings: readonly Mapping[]): readonly Mapping[] {
  const seen = new Set<string>();
  return mappings.filter((mapping) => {
    const key = sortKey(mapping);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function isWanted({ flags }: Invocation, mapping: Mapping): boolean {
  if (mapping.verbs.length === 0) return false;
  if (flags.isSet('api-group') && mapping.group !== flags.string('api-group')) return false;
  if (flags.isSet('namespaced') && mapping.namespaced !== flags.bool('namespaced')) return false;
  return (
    flags.strings('verbs').every((verb) => mapping.verbs.includes(verb)) &&
    flags.strings('categories').every((category) => mapping.categories.includes(category))
  );
}

/** By group, then name; the core group first. */
function sortKey(mapping: Mapping): string {
  return `${mapping.group}\0${mapping.plural}`;
}

const sortKeys: ReadonlyMap<string, (mapping: Mapping) => string> = new Map([
  ['name', (mapping) => mapping.plural],
  ['kind', (mapping) => `${mapping.kind}\0${mapping.plural}`],
]);

const structuredFormats = ['json', 'kyaml', 'yaml'] as const;

/** The kinds as one list of the discovery API, in the order of its fields. */
function resourceList(mappings: readonly Mapping[]): JsonObject {
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: '',
    resources: mappings.map((one) => ({
      name: one.plural,
      singularName: one.singular,
      namespaced: one.namespaced,
      ...(one.group === '' ? {} : { group: one.group }),
      version: one.version,
      kind: one.kind,
      verbs: one.verbs,
      ...(one.shortNames.length === 0 ? {} : { shortNames: one.shortNames }),
      ...(one.categories.length === 0 ? {} : { categories: one.categories }),
    })),
  };
}

export const apiVersionsCommand: Command = {
  name: 'api-versions',
  usage: '',
  short: 'Print the supported API versions on the server, in the form of "group/version"',
  flags: [],
  run: async (invocation) => {
    const groups = await discoverGroups(invocation.client);
    if (!groups.ok) return noVersions(invocation, groups.error);
    const versions = groups.value.flatMap(({ name, versions }) =>
      versions.map((version) => (name === '' ? version : `${name}/${version}`)),
    );
    invocation.out(
      versions
        .sort(compareKeys)
        .map((version) => `${version}\n`)
        .join(''),
    );
    return ok(undefined);
  },
};

function noVersions(invocation: Invocation, problem: Failure): Outcome<void> {
  const server = problem.kind === 'unreachable' ? problem.server : undefined;
  const failed = server === undefined ? undefined : describeFailedRequest(server, discoveryRequest);
  if (server === undefined || failed === undefined) return { ok: false, error: problem };
  complainOfDiscovery(invocation, server, 1);
  return failure(`couldn't get available api versions from server: ${failed}`);
}

export const clusterInfoCommand: Command = {
  name: 'cluster-info',
  usage: '[flags]',
  short: 'Display cluster information',
  flags: [],
  subcommands: [clusterInfoDumpCommand],
  run: runClusterInfo,
};

async function runClusterInfo(invocation: Invocation): Promise<Outcome<void>> {
  const services = await invocation.client.get('/api/v1/namespaces/kube-system/services', [
    ['labelSelector', 'kubernetes.io/cluster-service=true'],
  ]);
  const { server } = invocation.client;
  if (services.ok) {
    invocation.out(`Kubernetes control plane is running at ${server}\n`);
    for (const service of objectsAt(services.value, 'items')) invocation.out(serviceLine(service, server));
  }
  // Said after a failure, too.
  invocation.out(`\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n`);
  return services.ok ? ok(undefined) : services;
}

function serviceLine(service: JsonObject, server: string): string {
  const name = stringAt(service, 'metadata', 'name');
  const title = stringAt(service, 'metadata', 'labels', 'kubernetes.io/name') || name;
  const [port] = objectsAt(service, 'spec', 'ports');
  const portName = stringAt(port, 'name');
  const target = portName === '' ? name : `${name}:${portName}`;
  return `${title} is running at ${server}/api/v1/namespaces/kube-system/services/${target}/proxy\n`;
}

/** The kustomize that kubectl v1.36 carries. Source: go.mod of k8s.io/kubectl v0.36. */
const kustomizeVersion = 'v5.8.1';

export const versionCommand: Command = {
  name: 'version',
  usage: '[flags]',
  short: 'Print the client and server version information',
  flags: [
    { name: 'client', type: 'bool', initial: 'false', usage: 'Only the version of kubectl itself.' },
    { name: 'output', short: 'o', type: 'string', usage: "Format: 'yaml' or 'json'." },
  ],
  run: runVersion,
};

async function runVersion(invocation: Invocation): Promise<Outcome<void>> {
  const { args, flags } = invocation;
  if (args.length > 0) return failure(`extra arguments: [${args.join(' ')}]`);
  const output = flags.string('output');
  if (output !== '' && output !== 'yaml' && output !== 'json')
    return failure("--output must be 'yaml' or 'json'");
  const server = flags.bool('client') ? ok(undefined) : await invocation.client.get('/version');
  const told = server.ok ? server.value : undefined;
  const client = { ...kubernetesVersion, compiler: 'gc', platform: 'linux/amd64' };
  if (output === '') {
    const lines = [`Client Version: ${client.gitVersion}`, `Kustomize Version: ${kustomizeVersion}`];
    if (told !== undefined) lines.push(`Server Version: ${stringAt(told, 'gitVersion')}`);
    invocation.out(lines.map((line) => `${line}\n`).join(''));
    return server.ok ? ok(undefined) : server;
  }
  const document: JsonObject = {
    clientVersion: client,
    kustomizeVersion,
    ...(told === undefined ? {} : { serverVersion: told }),
  };
  invocation.out(output === 'json' ? `${JSON.stringify(document, null, 2)}\n` : formatYaml(document));
  return server.ok ? ok(undefined) : server;
}
