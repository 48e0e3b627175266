/** `kubectl get`: tables from the server, or objects in the format of `-o`. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import {
  allNamespacesFlag,
  chunkSizeFlag,
  fieldSelectorFlag,
  filenameFlags,
  outputFlags,
  selectorFlag,
} from '../cli/flags.ts';
import { type Failure, failure, isNotFound, joinFailures, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import {
  type CustomColumn,
  parseCustomColumns,
  parseCustomColumnsFile,
  renderCustomColumns,
} from '../printers/custom-columns.ts';
import { listOf, type ObjectPrinter, objectPrinter } from '../printers/output-format.ts';
import { sortByPath } from '../printers/sort.ts';
import { alignTabs, tableLayout } from '../printers/tab-writer.ts';
import { objectAt, objectsAt } from '../rest/object-fields.ts';
import { fetchInfos, type Infos, type ResourceInfo } from '../rest/resource-infos.ts';
import { renderInfos, selectionOptions, tableHeaders } from './get-table.ts';
import { watchResources } from './get-watch.ts';

const noResourceGiven = `You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\n`;

export const getCommand: Command = {
  name: 'get',
  usage:
    '[(-o|--output=)json|yaml|kyaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file|custom-columns|custom-columns-file|wide] (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags]',
  short: 'Display one or many resources',
  suggestFor: ['list', 'ls'],
  flags: [
    ...filenameFlags,
    ...outputFlags,
    selectorFlag,
    fieldSelectorFlag,
    allNamespacesFlag,
    chunkSizeFlag,
    {
      name: 'ignore-not-found',
      type: 'bool',
      initial: 'false',
      usage: 'Says nothing of named objects that are not there.',
    },
    {
      name: 'label-columns',
      short: 'L',
      type: 'stringSlice',
      usage: 'Labels that get a column of their own.',
    },
    { name: 'no-headers', type: 'bool', initial: 'false', usage: 'Leaves the line of headers out.' },
    {
      name: 'output-watch-events',
      type: 'bool',
      initial: 'false',
      usage: 'Shows the kind of each event with -w.',
    },
    { name: 'raw', type: 'string', usage: 'A path to ask the server for.' },
    { name: 'server-print', type: 'bool', initial: 'true', usage: 'Lets the server make the table.' },
    { name: 'show-kind', type: 'bool', initial: 'false', usage: 'Puts the kind before each name.' },
    { name: 'show-labels', type: 'bool', initial: 'false', usage: 'Shows all labels as the last column.' },
    { name: 'sort-by', type: 'string', usage: "Path of the field to sort by (e.g. '{.metadata.name}')." },
    { name: 'subresource', type: 'string', usage: 'Gets a subresource: status, scale.' },
    { name: 'watch', short: 'w', type: 'bool', initial: 'false', usage: 'Goes on to show changes.' },
    { name: 'watch-only', type: 'bool', initial: 'false', usage: 'Shows changes without the present state.' },
  ],
  run: runGet,
};

async function runGet(invocation: Invocation): Promise<Outcome<void>> {
  const { flags } = invocation;
  if (flags.string('raw') !== '') return getRaw(invocation);
  const watches = flags.bool('watch') || flags.bool('watch-only');
  if (
    !watches &&
    invocation.args.length === 0 &&
    flags.strings('filename').length === 0 &&
    flags.string('kustomize') === ''
  ) {
    invocation.err(noResourceGiven);
    return invocation.usageFailure(
      'Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).',
    );
  }
  const format = flags.string('output');
  if (flags.bool('show-labels') && format !== '' && format !== 'wide') {
    return failure(`--show-labels option cannot be used with ${format} printer`);
  }
  if (flags.bool('output-watch-events') && !watches) {
    return failure('--output-watch-events option can only be used with --watch or --watch-only');
  }
  const printer = await objectPrinter(flags, invocation.host, true);
  if (!printer.ok) return printer;
  const columns = await customColumns(invocation, format);
  if (!columns.ok) return columns;
  if (watches) return watchResources(invocation, { printer: printer.value, columns: columns.value });
  if (printer.value === undefined && columns.value === undefined) return getTable(invocation);
  return getObjects(invocation, printer.value, columns.value);
}

async function customColumns(
  invocation: Invocation,
  format: string,
): Promise<Outcome<readonly CustomColumn[] | undefined>> {
  if (!format.startsWith('custom-columns')) return ok(undefined);
  const [name = '', ...rest] = format.split('=');
  const spec = rest.join('=') || invocation.flags.string('template');
  if (name === 'custom-columns') return parseCustomColumns(spec);
  if (name !== 'custom-columns-file') return failure(`unexpected output format ${format}`);
  const text = await invocation.host.readFile(spec);
  return text === undefined
    ? failure(`error reading template ${spec}, open ${spec}: no such file or directory\n`)
    : parseCustomColumnsFile(text);
}

async function getTable(invocation: Invocation): Promise<Outcome<void>> {
  const { flags } = invocation;
  const sortPath = flags.string('sort-by');
  const fetched = await fetchInfos(invocation, {
    ...selectionOptions(invocation),
    ...(flags.bool('server-print') ? { headers: tableHeaders } : {}),
    query: sortPath === '' ? [] : [['includeObject', 'Object']],
    keepLists: true,
  });
  if (!fetched.ok) return fetched;
  const failures = remainingFailures(fetched.value.failures, flags.bool('ignore-not-found'));
  const text = renderInfos(sortTables(fetched.value.infos, sortPath), flags, invocation.host.now());
  invocation.out(text);
  if (text === '' && failures.length === 0 && !flags.bool('ignore-not-found')) {
    invocation.err(nothingFound(invocation, fetched.value.infos));
  }
  return ending(failures);
}

function nothingFound(invocation: Invocation, infos: readonly ResourceInfo[]): string {
  const inNamespace =
    !invocation.flags.bool('all-namespaces') && infos.every((info) => info.mapping.namespaced);
  return inNamespace ? `No resources found in ${invocation.namespace} namespace.\n` : 'No resources found\n';
}

/** A table that lacks the field is not shown at all: kubectl drops its printer's error. */
function sortTables(infos: readonly ResourceInfo[], path: string): readonly ResourceInfo[] {
  if (path === '') return infos;
  return infos.map((info) => {
    const rows = sortByPath(objectsAt(info.object, 'rows'), path, (row) => objectAt(row, 'object'));
    return { ...info, object: { ...info.object, rows: rows.ok ? rows.value : [] } };
  });
}

async function getObjects(
  invocation: Invocation,
  printer: ObjectPrinter | undefined,
  columns: readonly CustomColumn[] | undefined,
): Promise<Outcome<void>> {
  const { flags } = invocation;
  const fetched = await fetchInfos(invocation, selectionOptions(invocation));
  if (!fetched.ok) return fetched;
  const failures = remainingFailures(fetched.value.failures, flags.bool('ignore-not-found'));
  const { infos, isSingle } = fetched.value;
  if (isSingle && failures.length > 0) return ending(failures);
  if (infos.length === 0 && flags.bool('ignore-not-found')) return ending(failures);
  const objects = sortObjects(fetched.value, flags.string('sort-by'));
  if (!objects.ok) return objects;
  const whole = isSingle ? objects.value[0] : listOf(objects.value);
  if (whole === undefined) return ending(failures);
  if (columns !== undefined) {
    const text = renderCustomColumns(objects.value, columns, flags.bool('no-headers'));
    invocation.out(alignTabs(text, tableLayout));
    return ending(failures);
  }
  const text = printer?.(whole, 0) ?? ok('');
  if (!text.ok) return text;
  invocation.out(text.value);
  return ending(failures);
}

function sortObjects(infos: Infos, path: string): Outcome<readonly JsonObject[]> {
  const objects = infos.infos.map((info) => info.object);
  return path === '' || infos.isSingle ? ok(objects) : sortByPath(objects, path, (object) => object);
}

function remainingFailures(failures: readonly Failure[], ignoresNotFound: boolean): readonly Failure[] {
  return ignoresNotFound ? failures.filter((one) => !isNotFound(one)) : failures;
}

/** Source: get.go, utilerrors.NewAggregate: told as several even when it is one. */
function ending(failures: readonly Failure[]): Outcome<void> {
  const joined = joinFailures(failures);
  if (joined === undefined) return ok(undefined);
  return { ok: false, error: joined.kind === 'message' ? { kind: 'several', failures: [joined] } : joined };
}

async function getRaw(invocation: Invocation): Promise<Outcome<void>> {
  if (invocation.args.length > 0) return failure('arguments may not be passed when --raw is specified');
  const raw = invocation.flags.string('raw');
  const [path = '', query = ''] = raw.split('?');
  // Source: net/url, ParseRequestURI.
  const isPath = path.startsWith('/') || /^[a-z][a-z\d+.-]*:/i.test(path);
  if (!isPath) {
    const why = raw === '' ? 'empty url' : 'invalid URI for request';
    return failure(`--raw must be a valid URL path: parse ${JSON.stringify(raw)}: ${why}`);
  }
  const pairs = [...new URLSearchParams(query)];
  const response = await invocation.client.send({ method: 'GET', path, query: pairs });
  if (!response.ok) return response;
  if (response.value.type === 'text') invocation.out(response.value.body);
  if (response.value.type === 'object') invocation.out(`${JSON.stringify(response.value.body)}\n`);
  return ok(undefined);
}
