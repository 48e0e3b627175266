/** `kubectl delete`: asks for the deletion of objects, then waits until they are gone. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import {
  allNamespacesFlag,
  dryRunFlag,
  fieldSelectorFlag,
  filenameFlags,
  selectorFlag,
} from '../cli/flags.ts';
import { type Failure, failure, isNotFound, joinFailures, type Outcome } from '../failure.ts';
import type { KubectlHost } from '../host.ts';
import type { Invocation } from '../invocation.ts';
import { stringAt } from '../rest/object-fields.ts';
import { selectResources } from '../rest/resource-builder.ts';
import { fetchInfos, type ResourceInfo, readInfos } from '../rest/resource-infos.ts';
import { qualifiedKind, resourcePath } from '../rest/rest-mapper.ts';
import { waitUntilDeleted } from './wait-deleted.ts';
import { type DryRun, dryRunNote, readDryRun, withSource } from './write-options.ts';

export const deleteCommand: Command = {
  name: 'delete',
  usage: '([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)])',
  short: 'Delete resources by file names, stdin, resources and names, or by resources and label selector',
  suggestFor: ['rm', 'remove'],
  flags: [
    ...filenameFlags,
    selectorFlag,
    fieldSelectorFlag,
    allNamespacesFlag,
    dryRunFlag,
    { name: 'all', type: 'bool', initial: 'false', usage: 'Every object of the kinds in the namespace.' },
    {
      name: 'cascade',
      type: 'string',
      initial: 'background',
      bare: 'background',
      usage:
        'background, orphan or foreground: what becomes of dependents (such as the Pods of a ReplicationController).',
    },
    {
      name: 'force',
      type: 'bool',
      initial: 'false',
      usage: 'With a grace period of 0: deletes at once, without confirmation.',
    },
    {
      name: 'grace-period',
      type: 'int',
      initial: '-1',
      usage: 'Seconds to end in; negative: as the object says; 1 for at once.',
    },
    {
      name: 'ignore-not-found',
      type: 'bool',
      initial: 'false',
      usage: 'Takes what is not there for deleted.',
    },
    { name: 'interactive', short: 'i', type: 'bool', initial: 'false', usage: 'Asks before deleting.' },
    { name: 'now', type: 'bool', initial: 'false', usage: 'The same as --grace-period=1.' },
    { name: 'output', short: 'o', type: 'string', usage: 'name: only the names of what was deleted.' },
    { name: 'raw', type: 'string', usage: 'A path to send the deletion to.' },
    {
      name: 'timeout',
      type: 'duration',
      initial: '0s',
      usage: 'Longest time to wait; 0 as long as the object needs.',
    },
    { name: 'wait', type: 'bool', initial: 'true', usage: 'Waits until the objects are gone.' },
  ],
  run: runDelete,
};

/** What a deletion is asked for with. */
interface DeleteSettings {
  readonly body: JsonObject;
  readonly dryRun: DryRun;
  readonly isForced: boolean;
}

const forceWarning =
  'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n';

async function runDelete(invocation: Invocation): Promise<Outcome<void>> {
  const { flags } = invocation;
  const settings = readSettings(invocation);
  if (!settings.ok) return settings;
  if (flags.string('raw') !== '') return deleteRaw(invocation);
  const output = flags.string('output');
  if (output !== '' && output !== 'name') {
    return failure(`unexpected -o output mode: ${output}. We only support '-o name'`);
  }
  const targets = await chooseTargets(invocation);
  if (!targets.ok) return targets;
  if (flags.bool('all') && flags.string('selector') !== '') {
    return failure("setting 'all' parameter but found a non empty selector. ");
  }
  if (settings.value.isForced) invocation.err(forceWarning);
  const warnsOfScope = invocation.isNamespaceExplicit && !flags.bool('all-namespaces');
  if (warnsOfScope && targets.value.infos.some((info) => !info.mapping.namespaced)) {
    invocation.err('Warning: deleting cluster-scoped resources, not scoped to the provided namespace\n');
  }
  if (flags.bool('interactive') && targets.value.failures.length === 0) {
    if (targets.value.infos.length === 0) {
      invocation.out('No resources found\n');
      return ok(undefined);
    }
    if (!(await isConfirmed(invocation, targets.value.infos))) {
      invocation.out('deletion is cancelled\n');
      return ok(undefined);
    }
  }
  return deleteAll(invocation, targets.value, settings.value);
}

async function isConfirmed(invocation: Invocation, infos: readonly ResourceInfo[]): Promise<boolean> {
  const names = infos.map(({ mapping, name }) => `${qualifiedKind(mapping)}/${name}\n`).join('');
  invocation.out(
    `You are about to delete the following ${infos.length} resource(s):\n${names}Do you want to continue? (y/N): `,
  );
  return (await readAnswer(invocation.host)).trim().toLowerCase() === 'y';
}

/** The first line of the input, waited for where somebody types. */
async function readAnswer(host: KubectlHost): Promise<string> {
  const { terminal } = host;
  if (host.stdin !== '' || terminal === undefined) return host.stdin.split('\n')[0] ?? '';
  let typed = '';
  await host.waitUntil(() => {
    typed += new TextDecoder().decode(terminal.read('lines'));
    return typed.includes('\n') || terminal.isEnded();
  });
  return typed.split('\n')[0] ?? '';
}

async function deleteRaw(invocation: Invocation): Promise<Outcome<void>> {
  const { flags, host, client } = invocation;
  const [file] = flags.strings('filename');
  const body = file === undefined ? '' : file === '-' ? host.stdin : await host.readFile(file);
  if (body === undefined) return failure(`open ${file}: no such file or directory`);
  const [path = '', query = ''] = flags.string('raw').split('?');
  const response = await client.send({
    method: 'DELETE',
    path,
    query: [...new URLSearchParams(query)],
    ...(body === '' ? {} : { body, headers: { 'content-type': 'application/json' } }),
  });
  if (!response.ok) return response;
  if (response.value.type === 'text') invocation.out(response.value.body);
  if (response.value.type === 'object') invocation.out(`${JSON.stringify(response.value.body)}\n`);
  return ok(undefined);
}

function readSettings(invocation: Invocation): Outcome<DeleteSettings> {
  const { flags } = invocation;
  const dryRun = readDryRun(invocation);
  if (!dryRun.ok) return dryRun;
  let grace = flags.int('grace-period');
  if (flags.bool('now')) {
    if (grace !== -1) return failure('--now and --grace-period cannot be specified together');
    grace = 1;
  }
  // Without --force a grace period of 0 becomes 1, so that nothing is lost by a slip.
  if (grace === 0 && !flags.bool('force')) grace = 1;
  if (flags.bool('force') && grace < 0) grace = 0;
  if (flags.bool('force') && grace > 0)
    return failure('--force and --grace-period greater than 0 cannot be specified together');
  const policy = propagationPolicy(flags.string('cascade'));
  if (policy === undefined) {
    return failure(
      `invalid cascade value (${flags.string('cascade')}). Must be "background", "foreground", or "orphan"`,
    );
  }
  const body: JsonObject = {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...(grace >= 0 ? { gracePeriodSeconds: grace } : {}),
    propagationPolicy: policy,
  };
  return ok({ body, dryRun: dryRun.value, isForced: flags.bool('force') && grace === 0 });
}

function propagationPolicy(cascade: string): string | undefined {
  if (cascade === 'background' || cascade === 'true') return 'Background';
  if (cascade === 'orphan' || cascade === 'false') return 'Orphan';
  return cascade === 'foreground' ? 'Foreground' : undefined;
}

interface Targets {
  readonly infos: readonly ResourceInfo[];
  readonly failures: readonly Failure[];
}

/** Named objects are not looked up first: the deletion itself finds out whether they are there. */
async function chooseTargets(invocation: Invocation): Promise<Outcome<Targets>> {
  const { flags } = invocation;
  if (flags.strings('filename').length > 0 || flags.string('kustomize') !== '') return readInfos(invocation);
  const options = {
    args: invocation.args,
    selector: flags.string('selector'),
    fieldSelector: flags.string('field-selector'),
    all: flags.bool('all'),
    allNamespaces: flags.bool('all-namespaces'),
  };
  const hasSelector = options.selector !== '' || options.fieldSelector !== '';
  if (hasSelector || options.all) return fetchInfos(invocation, options);
  const mapper = await invocation.client.mapper();
  if (!mapper.ok) return mapper;
  const selection = selectResources(invocation.args, mapper.value, { hasSelector });
  if (!selection.ok) return selection;
  if (selection.value.by !== 'name') return ok({ infos: [], failures: [] });
  const infos: ResourceInfo[] = [];
  for (const { mapping, name } of selection.value.items) {
    if (mapping.namespaced && options.allNamespaces) {
      return failure('a resource cannot be retrieved by name across all namespaces');
    }
    infos.push({ mapping, name, namespace: mapping.namespaced ? invocation.namespace : '', object: {} });
  }
  return ok({ infos, failures: [] });
}

async function deleteAll(
  invocation: Invocation,
  targets: Targets,
  settings: DeleteSettings,
): Promise<Outcome<void>> {
  const { flags } = invocation;
  const isBulk =
    flags.bool('all') || flags.string('selector') !== '' || flags.string('field-selector') !== '';
  const ignoresNotFound = flags.bool('ignore-not-found') || (isBulk && !flags.isSet('ignore-not-found'));
  const failures: Failure[] = [...targets.failures];
  const deleted: { readonly info: ResourceInfo; readonly uid: string }[] = [];
  for (const info of targets.infos) {
    if (settings.dryRun === 'client') {
      printDeleted(invocation, info, settings);
      continue;
    }
    const path = resourcePath(info.mapping, info.namespace, info.name);
    const answer = await invocation.client.delete(
      path,
      settings.body,
      settings.dryRun === 'server' ? [['dryRun', 'All']] : [],
    );
    if (!answer.ok) {
      failures.push(withSource(answer.error, 'deleting', info.source));
      continue;
    }
    printDeleted(invocation, info, settings);
    const uid = stringAt(answer.value, 'details', 'uid') || stringAt(answer.value, 'metadata', 'uid');
    deleted.push({ info, uid });
  }
  const serious = ignoresNotFound ? failures.filter((one) => !isNotFound(one)) : failures;
  const problem = joinFailures(serious);
  if (problem !== undefined) return { ok: false, error: problem };
  if (targets.infos.length === 0) {
    invocation.out('No resources found\n');
    return ok(undefined);
  }
  if (!flags.bool('wait') || settings.dryRun !== 'none') return ok(undefined);
  return waitUntilDeleted(invocation, deleted, flags.durationMs('timeout'));
}

function printDeleted(invocation: Invocation, info: ResourceInfo, settings: DeleteSettings): void {
  const kind = qualifiedKind(info.mapping);
  if (invocation.flags.string('output') === 'name') {
    invocation.out(`${kind}/${info.name}\n`);
    return;
  }
  const operation = settings.body.gracePeriodSeconds === 0 ? 'force deleted' : 'deleted';
  const where = info.mapping.namespaced ? ` from ${info.namespace} namespace` : '';
  invocation.out(`${kind} "${info.name}" ${operation}${where}${dryRunNote(settings.dryRun)}\n`);
}
