/** `kubectl cluster-info dump`: lists and logs for whoever is to look into a cluster. Source: k8s.io/kubectl/pkg/cmd/clusterinfo. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import { allNamespacesFlag, outputFlags } from '../cli/flags.ts';
import { messageOf, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import type { ObjectPrinter } from '../printers/output-format.ts';
import { typedPrinter } from '../printers/typed-object.ts';
import { objectsAt, stringAt } from '../rest/object-fields.ts';

export const clusterInfoDumpCommand: Command = {
  name: 'dump',
  usage: '[flags]',
  short: 'Dump relevant information for debugging and diagnosis',
  flags: [
    ...outputFlags.map((flag) => (flag.name === 'output' ? { ...flag, initial: 'json' } : flag)),
    allNamespacesFlag,
    {
      name: 'namespaces',
      type: 'stringSlice',
      initial: '[]',
      usage: 'The namespaces to dump, separated by commas.',
    },
    {
      name: 'output-directory',
      type: 'string',
      usage: "Folder that gets one file for each list and log; stdout without it or with '-'.",
    },
    {
      name: 'pod-running-timeout',
      type: 'duration',
      initial: '20s',
      usage: 'Longest time to wait for a running Pod.',
    },
  ],
  run: runDump,
};

/** What is dumped of each namespace, in order: a file's name and where the list is. */
const lists: readonly (readonly [file: string, path: string, plural: string])[] = [
  ['events', '/api/v1', 'events'],
  ['replication-controllers', '/api/v1', 'replicationcontrollers'],
  ['services', '/api/v1', 'services'],
  ['daemonsets', '/apis/apps/v1', 'daemonsets'],
  ['deployments', '/apis/apps/v1', 'deployments'],
  ['replicasets', '/apis/apps/v1', 'replicasets'],
  ['pods', '/api/v1', 'pods'],
];

type Write = (file: string, text: string) => Promise<void>;

async function runDump(invocation: Invocation): Promise<Outcome<void>> {
  const { flags, host, client } = invocation;
  const printer = await typedPrinter(flags, host);
  if (!printer.ok) return printer;
  const print: ObjectPrinter = printer.value ?? (() => ok(''));
  const folder = flags.string('output-directory');
  const isOnStdout = folder === '' || folder === '-';
  const write: Write = async (file, text) => {
    if (isOnStdout) invocation.out(text);
    else await host.writeFile(`${folder}/${file}`, text);
  };
  const format = flags.string('output');
  const extension = format === 'json' || format === 'yaml' ? `.${format}` : '.txt';
  const nodes = await client.get('/api/v1/nodes');
  if (!nodes.ok) return nodes;
  const nodesText = print(nodes.value, 0);
  if (!nodesText.ok) return nodesText;
  await write(`nodes${extension}`, nodesText.value);
  const namespaces = await chooseNamespaces(invocation);
  if (!namespaces.ok) return namespaces;
  let count = 1;
  for (const namespace of namespaces.value) {
    let pods: readonly JsonObject[] = [];
    for (const [file, path, plural] of lists) {
      const list = await client.get(`${path}/namespaces/${namespace}/${plural}`);
      if (!list.ok) return list;
      const text = print(list.value, count);
      if (!text.ok) return text;
      count += 1;
      await write(`${namespace}/${file}${extension}`, text.value);
      pods = objectsAt(list.value, 'items');
    }
    for (const pod of pods) {
      await write(
        `${namespace}/${stringAt(pod, 'metadata', 'name')}/logs.txt`,
        await logsOf(invocation, pod),
      );
    }
  }
  if (!isOnStdout) invocation.out(`Cluster info dumped to ${folder}\n`);
  return ok(undefined);
}

async function chooseNamespaces(invocation: Invocation): Promise<Outcome<readonly string[]>> {
  const { flags } = invocation;
  if (flags.bool('all-namespaces')) {
    const all = await invocation.client.get('/api/v1/namespaces');
    if (!all.ok) return all;
    return ok(objectsAt(all.value, 'items').map((one) => stringAt(one, 'metadata', 'name')));
  }
  const named = flags.strings('namespaces');
  return ok(named.length > 0 ? named : ['kube-system', invocation.namespace]);
}

async function logsOf(invocation: Invocation, pod: JsonObject): Promise<string> {
  const namespace = stringAt(pod, 'metadata', 'namespace');
  const name = stringAt(pod, 'metadata', 'name');
  let text = '';
  for (const field of ['initContainers', 'containers']) {
    for (const container of objectsAt(pod, 'spec', field)) {
      const about = `logs for container ${stringAt(container, 'name')} of pod ${namespace}/${name} ====\n`;
      const answer = await invocation.client.send({
        method: 'GET',
        path: `/api/v1/namespaces/${namespace}/pods/${name}/log`,
        query: [['container', stringAt(container, 'name')]],
      });
      const log = answer.ok
        ? answer.value.type === 'text'
          ? answer.value.body
          : ''
        : `Request log error: ${messageOf(answer.error)}\n`;
      text += `==== START ${about}${log}==== END ${about}`;
    }
  }
  return text;
}
