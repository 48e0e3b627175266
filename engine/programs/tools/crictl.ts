/**
 * crictl: looks at the sandboxes, containers and images of a node. It asks the container runtime, which answers through
 * the host service `cri`. Left out: everything that changes a container, exec, yaml and templates.
 * Source: kubernetes-sigs/cri-tools, cmd/crictl.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { type ParsedArguments, parseArguments } from '../arguments.ts';
import { formatDuration, formatSize, formatTable } from './crictl-format.ts';

const optionTable = {
  flags: {
    a: 'all',
    all: 'all',
    q: 'quiet',
    quiet: 'quiet',
    'no-trunc': 'no-trunc',
    l: 'latest',
    latest: 'latest',
    t: 'timestamps',
    timestamps: 'timestamps',
    digests: 'digests',
    v: 'verbose',
    verbose: 'verbose',
    h: 'help',
    help: 'help',
  },
  values: {
    o: 'output',
    output: 'output',
    name: 'name',
    namespace: 'namespace',
    p: 'pod',
    pod: 'pod',
    s: 'state',
    state: 'state',
    id: 'id',
    image: 'image',
    label: 'label',
    n: 'last',
    last: 'last',
    tail: 'tail',
    r: 'runtime-endpoint',
    'runtime-endpoint': 'runtime-endpoint',
  },
} as const;

/** crictl. */
export const crictl: Program = function* ({ argv }) {
  const parsed = parseArguments(argv.slice(1), optionTable);
  if (!parsed.ok) {
    return yield* fatal(`flag provided but not defined: ${parsed.error.option.replace(/^--/, '-')}`);
  }
  const [command = 'help', ...operands] = parsed.value.operands;
  const options = parsed.value;
  if (options.flags.has('help')) {
    yield* sys.print(usage);
    return 0;
  }
  switch (command) {
    case 'pods':
      return yield* listPods(options);
    case 'ps':
      return yield* listContainers(options);
    case 'images':
    case 'image':
    case 'img':
      return yield* listImages(options);
    case 'inspect':
      return yield* inspectEach('inspect', 'container', operands);
    case 'inspectp':
      return yield* inspectEach('inspectp', 'sandbox', operands);
    case 'logs':
      return yield* showLogs(options, operands);
    case 'help':
      yield* sys.print(usage);
      return 0;
    default:
      yield* sys.printError(`No help topic for '${command}'\n`);
      return 3;
  }
};

const usage = `NAME:
   crictl - client for CRI

USAGE:
   crictl [global options] command [command options] [arguments...]

COMMANDS:
   images, image, img  List images
   inspect             Display the status of one or more containers
   inspectp            Display the status of one or more pods
   logs                Fetch the logs of a container
   pods                List pods
   ps                  List containers
`;

function* ask(question: JsonObject): sys.Sys<JsonValue> {
  const node = yield* sys.hostname();
  const answer = yield* sys.host('cri', { node, question });
  return answer.ok ? answer.value : null;
}

function* fatal(message: string): sys.Sys<number> {
  yield* sys.printError(`FATA[0000] ${message}\n`);
  return 1;
}

function* listPods(options: ParsedArguments): sys.Sys<number> {
  const nowMs = yield* sys.now();
  const items = newestFirst(yield* ask({ call: 'pods' }), options).filter(
    (item) =>
      matches(text(item, 'metadata', 'name'), options.value('name')) &&
      equals(text(item, 'metadata', 'namespace'), options.value('namespace')) &&
      text(item, 'id').startsWith(options.value('id') ?? '') &&
      hasState(item, 'SANDBOX_', options.value('state')) &&
      hasLabel(item, options.value('label')),
  );
  return yield* printItems(options, 'items', items, {
    columns: ['POD ID', 'CREATED', 'STATE', 'NAME', 'NAMESPACE', 'ATTEMPT', 'RUNTIME'],
    row: (item) => [
      shortId(text(item, 'id'), options),
      createdAgo(item, nowMs),
      text(item, 'state') === 'SANDBOX_READY' ? 'Ready' : 'NotReady',
      text(item, 'metadata', 'name'),
      text(item, 'metadata', 'namespace'),
      text(item, 'metadata', 'attempt'),
      text(item, 'runtimeHandler') || '(default)',
    ],
  });
}

function* listContainers(options: ParsedArguments): sys.Sys<number> {
  const nowMs = yield* sys.now();
  const state = options.value('state');
  const showsAll = options.flags.has('all') || state !== undefined;
  const items = newestFirst(yield* ask({ call: 'containers' }), options).filter(
    (item) =>
      (showsAll || text(item, 'state') === 'CONTAINER_RUNNING') &&
      hasState(item, 'CONTAINER_', state) &&
      matches(text(item, 'metadata', 'name'), options.value('name')) &&
      text(item, 'podSandboxId').startsWith(options.value('pod') ?? '') &&
      text(item, 'id').startsWith(options.value('id') ?? '') &&
      equals(text(item, 'labels', namespaceLabel), options.value('namespace')) &&
      hasLabel(item, options.value('label')),
  );
  return yield* printItems(options, 'containers', items, {
    columns: ['CONTAINER', 'IMAGE', 'CREATED', 'STATE', 'NAME', 'ATTEMPT', 'POD ID', 'POD', 'NAMESPACE'],
    row: (item) => [
      shortId(text(item, 'id'), options),
      shortId(text(item, 'image', 'image').replace(/^.*sha256:/, ''), options),
      createdAgo(item, nowMs),
      capitalize(text(item, 'state').replace('CONTAINER_', '')),
      text(item, 'metadata', 'name'),
      text(item, 'metadata', 'attempt'),
      shortId(text(item, 'podSandboxId'), options),
      text(item, 'labels', 'io.kubernetes.pod.name'),
      text(item, 'labels', namespaceLabel),
    ],
  });
}

function* listImages(options: ParsedArguments): sys.Sys<number> {
  const items = objects(yield* ask({ call: 'images' }));
  const split = (item: JsonObject) => {
    const tag = Array.isArray(item.repoTags) ? String(item.repoTags[0] ?? '') : '';
    const colon = tag.lastIndexOf(':');
    return [tag.slice(0, colon), tag.slice(colon + 1)] as const;
  };
  const sorted = [...items].sort((a, b) => (split(a)[0] < split(b)[0] ? -1 : 1));
  return yield* printItems(options, 'images', sorted, {
    columns: ['IMAGE', 'TAG', 'IMAGE ID', 'SIZE'],
    row: (item) => [
      ...split(item),
      shortId(text(item, 'id').replace(/^sha256:/, ''), options),
      formatSize(Number(text(item, 'size'))),
    ],
  });
}

function* inspectEach(call: string, what: string, ids: readonly string[]): sys.Sys<number> {
  if (ids.length === 0) return yield* fatal('ID cannot be empty');
  for (const id of ids) {
    const answer = yield* ask({ call, id });
    if (!isJsonObject(answer)) {
      const missing =
        what === 'container'
          ? `getting the status of the container "${id}": rpc error: code = NotFound desc = an error occurred when try to find container "${id}": not found`
          : `getting the pod sandbox status for "${id}": rpc error: code = NotFound desc = an error occurred when try to find sandbox: not found`;
      return yield* fatal(missing);
    }
    // The runtime's own details come before the status, as crictl sorts the keys.
    yield* sys.print(
      `${JSON.stringify({ info: answer.info ?? {}, status: answer.status ?? {} }, null, 2)}\n`,
    );
  }
  return 0;
}

function* showLogs(options: ParsedArguments, operands: readonly string[]): sys.Sys<number> {
  const [id = ''] = operands;
  if (id === '') return yield* fatal('ID cannot be empty');
  const tail = options.value('tail');
  const answer = yield* ask({
    call: 'logs',
    id,
    timestamps: options.flags.has('timestamps'),
    ...(tail === undefined || !/^[0-9]{1,9}$/.test(tail) ? {} : { tail: Number(tail) }),
  });
  if (typeof answer !== 'string') {
    return yield* fatal(
      `rpc error: code = NotFound desc = an error occurred when try to find container "${id}": not found`,
    );
  }
  yield* sys.print(answer);
  return 0;
}

function* printItems(
  options: ParsedArguments,
  key: string,
  items: readonly JsonObject[],
  table: { readonly columns: readonly string[]; readonly row: (item: JsonObject) => readonly string[] },
): sys.Sys<number> {
  const output = options.value('output') ?? 'table';
  if (output === 'json') yield* sys.print(`${JSON.stringify({ [key]: items }, null, 2)}\n`);
  else if (options.flags.has('quiet'))
    yield* sys.print(items.map((item) => `${text(item, 'id')}\n`).join(''));
  else if (output === 'table' || output === '')
    yield* sys.print(formatTable(table.columns, items.map(table.row)));
  else return yield* fatal(`unsupported output format "${output}"`);
  return 0;
}

const namespaceLabel = 'io.kubernetes.pod.namespace';

function objects(value: JsonValue): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function newestFirst(value: JsonValue, options: ParsedArguments): readonly JsonObject[] {
  const sorted = [...objects(value)].reverse().sort((a, b) => createdMs(b) - createdMs(a));
  const last = options.flags.has('latest') ? '1' : options.value('last');
  return last !== undefined && /^[0-9]{1,9}$/.test(last) ? sorted.slice(0, Number(last)) : sorted;
}

function createdMs(item: JsonObject): number {
  return Math.floor(Number(text(item, 'createdAt')) / 1e6);
}

function createdAgo(item: JsonObject, nowMs: number): string {
  return `${formatDuration(nowMs - createdMs(item))} ago`;
}

function shortId(id: string, options: ParsedArguments): string {
  return options.flags.has('no-trunc') ? id : id.slice(0, 13);
}

function text(item: JsonObject, ...path: readonly string[]): string {
  let value: JsonValue | undefined = item;
  for (const key of path) value = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** Names are regular expressions for crictl; here only their plain part counts. */
function matches(name: string, wanted: string | undefined): boolean {
  return wanted === undefined || name.includes(wanted.replace(/^\^|\$$/g, ''));
}

function equals(value: string, wanted: string | undefined): boolean {
  return wanted === undefined || value === wanted;
}

function hasState(item: JsonObject, prefix: string, wanted: string | undefined): boolean {
  return wanted === undefined || text(item, 'state').toLowerCase() === `${prefix}${wanted}`.toLowerCase();
}

function hasLabel(item: JsonObject, wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  const [key = '', value = ''] = wanted.split('=');
  return text(item, 'labels', key) === value;
}

function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();
}
