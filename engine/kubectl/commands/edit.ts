/**
 * `kubectl edit` and `kubectl apply edit-last-applied`: objects are handed to an editor until what it saves can be stored.
 * Source: k8s.io/kubectl/pkg/cmd/util/editor/editoptions.go.
 */

import { formatCompactJson, formatJson } from '../../base/go-json.ts';
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { createTwoWayPatch } from '../apply/apply-patch.ts';
import { lastApplied, lastAppliedKey, withLastApplied } from '../apply/last-applied.ts';
import type { Command } from '../cli/command.ts';
import type { FlagSpec } from '../cli/flag-table.ts';
import {
  fieldManagerFlag,
  filenameFlags,
  outputFlags,
  recordFlag,
  saveConfigFlag,
  validateFlag,
} from '../cli/flags.ts';
import { failure, joinFailures, messageOf, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { parseManifest } from '../manifest/parse-manifest.ts';
import { withoutManagedFields } from '../printers/output-format.ts';
import { formatYaml } from '../printers/yaml.ts';
import { stringAt } from '../rest/object-fields.ts';
import { fetchInfos, infosFromText, type ResourceInfo } from '../rest/resource-infos.ts';
import { resourcePath } from '../rest/rest-mapper.ts';
import { EditReport, formatHeader, hasContent, stripComments } from './edit-report.ts';
import { outcomePrinter, writeQuery } from './write-options.ts';

/** Of commands that open an editor. */
export const windowsFlag: FlagSpec = {
  name: 'windows-line-endings',
  type: 'bool',
  initial: 'false',
  usage: 'Ends lines as Windows does.',
};

export const editCommand: Command = {
  name: 'edit',
  usage: '(RESOURCE/NAME | -f FILENAME)',
  short: 'Edit a resource on the server',
  flags: [
    ...filenameFlags,
    ...outputFlags,
    recordFlag,
    fieldManagerFlag('kubectl-edit'),
    saveConfigFlag,
    validateFlag,
    windowsFlag,
    { name: 'output-patch', type: 'bool', initial: 'false', usage: 'Shows the patch that is sent.' },
    { name: 'subresource', type: 'string', usage: 'Edits a subresource: status, scale.' },
  ],
  run: (invocation) => runEdit(invocation, 'object'),
};

export const editLastAppliedCommand: Command = {
  name: 'edit-last-applied',
  usage: '(RESOURCE/NAME | -f FILENAME)',
  short: 'Edit latest last-applied-configuration annotations of a resource/object',
  flags: [
    ...filenameFlags,
    ...outputFlags,
    fieldManagerFlag('kubectl-client-side-apply'),
    validateFlag,
    windowsFlag,
  ],
  run: (invocation) => runEdit(invocation, 'last-applied'),
};

type EditMode = 'object' | 'last-applied';

async function runEdit(invocation: Invocation, mode: EditMode): Promise<Outcome<void>> {
  const { flags } = invocation;
  const format = flags.string('output');
  if (format !== '' && format !== 'json' && format !== 'yaml') {
    return failure(
      `unable to match a printer suitable for the output format ${JSON.stringify(format)}, allowed formats are: json,kyaml,yaml`,
    );
  }
  const fetched = await fetchInfos(invocation, {
    args: invocation.args,
    selector: '',
    allowEmptySelector: invocation.args.length > 0,
    ...(flags.has('subresource') ? { subresource: flags.string('subresource') } : {}),
  });
  if (!fetched.ok) return fetched;
  const problem = joinFailures(fetched.value.failures);
  if (problem !== undefined) return { ok: false, error: problem };
  const { infos } = fetched.value;
  if (mode === 'object')
    return infos.length === 0
      ? failure('edit cancelled, no objects found')
      : editInfos(invocation, infos, mode);
  const applied = infos.flatMap((info) => {
    const object = lastApplied(info.object);
    return object === undefined ? [] : [{ ...info, object }];
  });
  if (applied.length === 0) {
    return failure(
      'no last-applied-configuration annotation found on resources, to create the annotation, use command `kubectl apply set-last-applied --create-annotation`',
    );
  }
  return editInfos(invocation, applied, mode);
}

/** Rounds after which an editor that saves nothing valid is given up on. */
const mostRounds = 100;

async function editInfos(
  invocation: Invocation,
  infos: readonly ResourceInfo[],
  mode: EditMode,
): Promise<Outcome<void>> {
  const { flags, host } = invocation;
  const isJson = flags.string('output') === 'json';
  const shown = showInfos(infos, isJson);
  const path = `/tmp/kubectl-edit-${1_000_000_000 + (Math.floor(host.now()) % 1_000_000_000)}.${isJson ? 'json' : 'yaml'}`;
  let report = new EditReport();
  let edited: string | undefined;
  for (let round = 0; round < mostRounds; round += 1) {
    const isRetry = report.reasons.length > 0;
    const header = formatHeader(mode, report.reasons);
    const original = header + shown;
    const offered = isRetry ? header + stripComments(edited ?? '') : original;
    const saved = await launchEditor(invocation, path, offered);
    if (!saved.ok) return isRetry ? keepCopy(invocation, path, edited, saved) : saved;
    const former = edited;
    edited = saved.value;
    if (isRetry && stripComments(former ?? '') === stripComments(edited)) {
      return keepCopy(invocation, path, edited, failure('Edit cancelled, no valid changes were saved.'));
    }
    const validity = validityProblem(edited);
    if (validity !== undefined) {
      report = new EditReport();
      const [first] = infos;
      if (first !== undefined) invocation.err(`${report.addInvalidText(validity, first)}\n`);
      continue;
    }
    if (stripComments(original) === stripComments(edited)) {
      invocation.err('Edit cancelled, no changes made.\n');
      return ok(undefined);
    }
    if (!hasContent(edited)) {
      invocation.err('Edit cancelled, saved file was empty.\n');
      return ok(undefined);
    }
    report = new EditReport();
    const updated = await readEdited(invocation, edited);
    if (!updated.ok) {
      report.addSyntaxError(messageOf(updated.error));
      continue;
    }
    const sent = await sendAll(invocation, { infos, updated: updated.value, mode, report });
    if (!sent.ok) return keepCopy(invocation, path, edited, sent);
    const ended = report.ending(path);
    if (ended !== undefined) {
      await host.writeFile(path, edited);
      invocation.err(ended);
      return { ok: false, error: { kind: 'exit', code: 1, text: '' } };
    }
    if (report.reasons.length === 0) return ok(undefined);
  }
  return failure('Edit cancelled, no valid changes were saved.');
}

/** What keeps a text from being an object at all; undefined when nothing does. */
function validityProblem(text: string): string | undefined {
  const parsed = parseManifest(stripComments(text));
  if (!parsed.ok) return parsed.error;
  return parsed.value === undefined ? 'EOF' : undefined;
}

function showInfos(infos: readonly ResourceInfo[], isJson: boolean): string {
  const objects = infos.map((info) => withoutManagedFields(info.object));
  const [only] = objects;
  const whole =
    objects.length === 1 && only !== undefined
      ? only
      : { apiVersion: 'v1', items: objects, kind: 'List', metadata: {} };
  return isJson ? formatJson(whole) : formatYaml(whole);
}

async function launchEditor({ host }: Invocation, path: string, text: string): Promise<Outcome<string>> {
  const editor = host.env.get('KUBE_EDITOR') || host.env.get('EDITOR') || 'vi';
  if (host.editText === undefined) return failure(`unable to launch the editor ${JSON.stringify(editor)}`);
  const saved = await host.editText(path, text);
  return saved.ok ? ok(saved.value) : failure(saved.error);
}

async function keepCopy<T>(
  invocation: Invocation,
  path: string,
  edited: string | undefined,
  outcome: Outcome<T>,
): Promise<Outcome<T>> {
  if (edited === undefined) return outcome;
  await invocation.host.writeFile(path, edited);
  invocation.err(`A copy of your changes has been stored to ${JSON.stringify(path)}\n`);
  return outcome;
}

async function readEdited(invocation: Invocation, text: string): Promise<Outcome<readonly ResourceInfo[]>> {
  const mapper = await invocation.client.mapper();
  if (!mapper.ok) return mapper;
  const found = infosFromText(invocation, mapper.value, { source: 'edited-file', text });
  const problem = joinFailures(found.failures);
  if (problem !== undefined) return { ok: false, error: problem };
  return ok(found.infos.map(({ info }) => info));
}

interface Edited {
  readonly infos: readonly ResourceInfo[];
  readonly updated: readonly ResourceInfo[];
  readonly mode: EditMode;
  readonly report: EditReport;
}

async function sendAll(
  invocation: Invocation,
  { infos, updated, mode, report }: Edited,
): Promise<Outcome<void>> {
  const print = await outcomePrinter(invocation, 'none');
  if (!print.ok) return print;
  const query = writeQuery(invocation, 'none');
  if (!query.ok) return query;
  for (const info of updated) {
    const uid = stringAt(info.object, 'metadata', 'uid');
    const original = infos.find((one) => stringAt(one.object, 'metadata', 'uid') === uid);
    if (original === undefined)
      return failure(`no original object found for ${info.mapping.kind} ${info.name}`);
    if (info.namespace !== original.namespace)
      return failure(otherNamespace(info.namespace, original.namespace));
    const saves = mode === 'object' && invocation.flags.bool('save-config');
    const object = saves ? withLastApplied(info.object) : info.object;
    if (jsonEqual(withoutManagedFields(original.object), object)) {
      const printed = print.value(info.object, 'skipped');
      if (!printed.ok) return printed;
      continue;
    }
    const change = mode === 'object' ? objectChange(original, object) : annotationChange(info);
    if (!change.ok) return change;
    const { patch, patchType } = change.value;
    if (invocation.flags.has('output-patch') && invocation.flags.bool('output-patch')) {
      invocation.out(`Patch: ${formatCompactJson(patch)}\n`);
    }
    const subresource = invocation.flags.has('subresource') ? invocation.flags.string('subresource') : '';
    const path = resourcePath(original.mapping, original.namespace, original.name, subresource || undefined);
    const patched = await invocation.client.patch(path, patchType, patch, query.value);
    if (!patched.ok) {
      if (mode === 'last-applied') return patched;
      invocation.err(`${report.addRefusal(patched.error, original)}\n`);
      continue;
    }
    const printed = print.value(patched.value, 'edited');
    if (!printed.ok) return printed;
  }
  return ok(undefined);
}

function otherNamespace(given: string, wanted: string): string {
  return `the namespace from the provided object ${JSON.stringify(given)} does not match the namespace ${JSON.stringify(wanted)}. You must pass '--namespace=${given}' to perform this operation.`;
}

interface Change {
  readonly patch: JsonObject;
  readonly patchType: 'merge-patch' | 'strategic-merge-patch';
}

function objectChange(original: ResourceInfo, object: JsonObject): Outcome<Change> {
  const before = withoutManagedFields(original.object);
  const isOther =
    ['apiVersion', 'kind'].some((key) => stringAt(before, key) !== stringAt(object, key)) ||
    stringAt(before, 'metadata', 'name') !== stringAt(object, 'metadata', 'name');
  if (isOther) return failure('At least one of apiVersion, kind and name was changed');
  return ok(createTwoWayPatch(original.mapping, before, object));
}

function annotationChange(info: ResourceInfo): Outcome<Change> {
  const text = `${formatCompactJson(info.object)}\n`;
  return ok({ patch: { metadata: { annotations: { [lastAppliedKey]: text } } }, patchType: 'merge-patch' });
}
