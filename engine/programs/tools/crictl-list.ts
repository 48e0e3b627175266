/** What crictl lists and inspects: sandboxes, containers and images. Source: cri-tools v1.36, cmd/crictl (sandbox.go, container.go, image.go, util.go). */
import { createRequire } from 'node:module';
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import * as sys from '../../net/process/sys.ts';
import type { ParsedArguments } from '../arguments.ts';
import { compilePosix } from '../posix-regex.ts';
import { formatDuration, formatSize, formatTable } from './crictl-format.ts';
import { askRuntime, fatal, noContainer, objectsOf, textOf } from './crictl-runtime.ts';

/** The sandboxes or containers that the options mean, newest first. */
function* selected(options: ParsedArguments, what: 'container' | 'sandbox'): sys.Sys<readonly JsonObject[]> {
  const isContainer = what === 'container';
  const all = newestFirst(yield* askRuntime({ call: isContainer ? 'containers' : 'pods' }));
  const state = options.value('state');
  const hasCount = options.flags.has('latest') || Number(options.value('last') ?? 0) > 0;
  const showsAll = !isContainer || options.flags.has('all') || state !== undefined || hasCount;
  const namespace = isContainer ? ['labels', namespaceLabel] : ['metadata', 'namespace'];
  const items = all.filter(
    (item) =>
      (showsAll || textOf(item, 'state') === 'CONTAINER_RUNNING') &&
      (hasCount || hasState(item, isContainer ? 'CONTAINER_' : 'SANDBOX_', state)) &&
      matches(textOf(item, 'metadata', 'name'), options.value('name')) &&
      matches(textOf(item, ...namespace), options.value('namespace')) &&
      textOf(item, 'podSandboxId').startsWith(options.value('pod') ?? '') &&
      textOf(item, 'id').startsWith(options.value('id') ?? '') &&
      (options.values.get('label') ?? []).every((label) => hasLabel(item, label)),
  );
  const last = options.flags.has('latest') ? 1 : Number(options.value('last') ?? 0);
  return last > 0 ? items.slice(0, last) : items;
}

/** crictl pods. */
export function* listPods(options: ParsedArguments): sys.Sys<number> {
  const nowMs = yield* sys.now();
  const state = options.value('state')?.toLowerCase();
  if (state !== undefined && state !== 'ready' && state !== 'notready')
    return yield* wrongState('--state should be ready or notready');
  return yield* printItems(options, 'items', yield* selected(options, 'sandbox'), {
    columns: ['POD ID', 'CREATED', 'STATE', 'NAME', 'NAMESPACE', 'ATTEMPT', 'RUNTIME'],
    row: (item) => [
      shortId(textOf(item, 'id'), options),
      createdAgo(item, nowMs),
      textOf(item, 'state') === 'SANDBOX_READY' ? 'Ready' : 'NotReady',
      textOf(item, 'metadata', 'name'),
      textOf(item, 'metadata', 'namespace'),
      textOf(item, 'metadata', 'attempt'),
      textOf(item, 'runtimeHandler') || '(default)',
    ],
  });
}

/** crictl ps. */
export function* listContainers(options: ParsedArguments): sys.Sys<number> {
  const nowMs = yield* sys.now();
  const state = options.value('state')?.toLowerCase();
  if (state !== undefined && !['created', 'running', 'exited', 'unknown'].includes(state))
    return yield* wrongState('--state should be one of created, running, exited or unknown');
  return yield* printItems(options, 'containers', yield* selected(options, 'container'), {
    columns: ['CONTAINER', 'IMAGE', 'CREATED', 'STATE', 'NAME', 'ATTEMPT', 'POD ID', 'POD', 'NAMESPACE'],
    row: (item) => [
      shortId(textOf(item, 'id'), options),
      shortId(textOf(item, 'image', 'image').replace(/^.*sha256:/, ''), options),
      createdAgo(item, nowMs),
      capitalize(textOf(item, 'state').replace('CONTAINER_', '')),
      textOf(item, 'metadata', 'name'),
      textOf(item, 'metadata', 'attempt'),
      shortId(textOf(item, 'podSandboxId'), options),
      textOf(item, 'labels', 'io.kubernetes.pod.name'),
      textOf(item, 'labels', namespaceLabel),
    ],
  });
}

/** Go's log.Fatalf, which begins with the time. */
function* wrongState(message: string): sys.Sys<number> {
  const time = new Date(yield* sys.now()).toISOString();
  yield* sys.printError(`${time.slice(0, 10).replaceAll('-', '/')} ${time.slice(11, 19)} ${message}\n`);
  return 1;
}

/** crictl images. */
export function* listImages(options: ParsedArguments): sys.Sys<number> {
  const [wanted] = options.operands;
  const items = objectsOf(yield* askRuntime({ call: 'images' })).filter((item) => {
    const tag = Array.isArray(item.repoTags) ? String(item.repoTags[0] ?? '') : '';
    return (
      wanted === undefined ||
      tag
        .replace(/^docker\.io\/(?:library\/)?/, '')
        .startsWith(wanted.replace(/^docker\.io\/(?:library\/)?/, ''))
    );
  });
  const split = (item: JsonObject) => {
    const tag = Array.isArray(item.repoTags) ? String(item.repoTags[0] ?? '') : '';
    const colon = tag.lastIndexOf(':');
    return [tag.slice(0, colon), tag.slice(colon + 1)] as const;
  };
  const sorted = [...items].sort((a, b) => (split(a)[0] < split(b)[0] ? -1 : 1));
  return yield* printItems(options, 'images', sorted, {
    columns: ['IMAGE', 'TAG', ...(options.flags.has('digests') ? ['DIGEST'] : []), 'IMAGE ID', 'SIZE'],
    row: (item) => [
      ...split(item),
      ...(options.flags.has('digests') ? [shortId(textOf(item, 'id').replace(/^sha256:/, ''), options)] : []),
      shortId(textOf(item, 'id').replace(/^sha256:/, ''), options),
      formatSize(Number(textOf(item, 'size'))),
    ],
  });
}

/** crictl inspect and inspectp; without ids, of what the filters mean. */
export function* inspectEach(
  options: ParsedArguments,
  what: 'container' | 'sandbox',
  asked: readonly string[],
): sys.Sys<number> {
  const isContainer = what === 'container';
  const listed =
    asked.length > 0 ? asked : (yield* selected(options, what)).map((item) => textOf(item, 'id'));
  if (listed.length === 0) {
    yield* sys.printError('ERRO[0000] No IDs provided or nothing found per filter\n');
    return 0;
  }
  const found: JsonObject[] = [];
  for (const id of listed) {
    const answer = yield* askRuntime({ call: isContainer ? 'inspect' : 'inspectp', id });
    if (!isJsonObject(answer)) {
      return yield* fatal(
        isContainer
          ? `get the status of containers: get container status: ${noContainer(id)}`
          : 'get the status of pod sandboxes: get pod sandbox status: rpc error: code = NotFound desc = an error occurred when try to find sandbox: not found',
      );
    }
    found.push(
      options.flags.has('quiet')
        ? { status: answer.status ?? {} }
        : { info: answer.info ?? {}, status: answer.status ?? {} },
    );
  }
  const [first = {}] = found;
  const shown = sortKeys(found.length === 1 ? first : found);
  const output = options.value('output') ?? 'json';
  if (output !== 'json' && output !== 'yaml') {
    return yield* fatal(
      `get the status of ${isContainer ? 'containers' : 'pod sandboxes'}: unsupported format: ${JSON.stringify(output)}`,
    );
  }
  yield* sys.print(`${output === 'yaml' ? yamlText(shown) : JSON.stringify(shown, null, 2)}\n`);
  return 0;
}

/** As Go prints maps. */
function sortKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sortKeys(item)]));
}

/** Loaded when it is first needed: few ask for it. */
function yamlText(value: JsonValue): string {
  const { stringify }: typeof import('yaml') = createRequire(import.meta.url)('yaml');
  return stringify(value, { lineWidth: 0, indentSeq: false });
}

function* printItems(
  options: ParsedArguments,
  key: string,
  items: readonly JsonObject[],
  table: { readonly columns: readonly string[]; readonly row: (item: JsonObject) => readonly string[] },
): sys.Sys<number> {
  const output = options.value('output') ?? 'table';
  if (output === 'json') yield* sys.print(`${JSON.stringify({ [key]: items }, null, 2)}\n`);
  else if (output === 'yaml') yield* sys.print(`${yamlText(sortKeys({ [key]: items }))}\n`);
  else if (options.flags.has('quiet'))
    yield* sys.print(items.map((item) => `${textOf(item, 'id')}\n`).join(''));
  else if (output === 'table' || output === '')
    yield* sys.print(formatTable(table.columns, items.map(table.row)));
  else return yield* fatal(`unsupported output format ${JSON.stringify(output)}`);
  return 0;
}

const namespaceLabel = 'io.kubernetes.pod.namespace';

function newestFirst(value: JsonValue): readonly JsonObject[] {
  return [...objectsOf(value)].reverse().sort((a, b) => createdMs(b) - createdMs(a));
}

function createdMs(item: JsonObject): number {
  return Math.floor(Number(textOf(item, 'createdAt')) / 1e6);
}

function createdAgo(item: JsonObject, nowMs: number): string {
  return `${formatDuration(nowMs - createdMs(item))} ago`;
}

function shortId(id: string, options: ParsedArguments): string {
  return options.flags.has('no-trunc') ? id : id.slice(0, 13);
}

/** Names are told by regular expressions that may match anywhere. */
function matches(name: string, wanted: string | undefined): boolean {
  if (wanted === undefined || wanted === '') return true;
  const expression = compilePosix([wanted], { syntax: 'perl', ignoreCase: false });
  return expression.ok && expression.value.matcher(name).find();
}

function hasState(item: JsonObject, prefix: string, wanted: string | undefined): boolean {
  return wanted === undefined || textOf(item, 'state').toLowerCase() === `${prefix}${wanted}`.toLowerCase();
}

function hasLabel(item: JsonObject, wanted: string): boolean {
  const [key = '', value = ''] = wanted.split('=');
  return textOf(item, 'labels', key) === value;
}

function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();
}
