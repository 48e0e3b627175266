/** `kubectl logs`: what containers printed, one after the other, or as it comes with `-f`. */
import { DecodeAbort, decodeTime } from '../../api/decode/scalars.ts';
import type { TextStream } from '../../api/request.ts';
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import { selectorFlag } from '../cli/flags.ts';
import { failure, isNotFound, messageOf, type Outcome } from '../failure.ts';
import { follow } from '../follow.ts';
import type { Invocation } from '../invocation.ts';
import type { Query } from '../rest/cluster-client.ts';
import { objectsAt, stringAt } from '../rest/object-fields.ts';
import { allContainers, chooseContainer, findTargetPods } from './target-pod.ts';

const usage = 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]';

export const logsCommand: Command = {
  name: 'logs',
  usage: '[-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]',
  short: 'Print the logs for a container in a pod',
  flags: [
    selectorFlag,
    { name: 'all-containers', type: 'bool', initial: 'false', usage: 'Logs of all containers.' },
    {
      name: 'all-pods',
      type: 'bool',
      initial: 'false',
      usage: 'Logs of all Pods, each line with its source.',
    },
    { name: 'container', short: 'c', type: 'string', usage: 'The container.' },
    { name: 'follow', short: 'f', type: 'bool', initial: 'false', usage: 'Goes on as more is printed.' },
    {
      name: 'ignore-errors',
      type: 'bool',
      initial: 'false',
      usage: 'Goes on with the next container after an error.',
    },
    {
      name: 'insecure-skip-tls-verify-backend',
      type: 'bool',
      initial: 'false',
      usage: "Doesn't check the kubelet's certificate.",
    },
    { name: 'limit-bytes', type: 'int', initial: '0', usage: 'Most bytes to show; 0 for all.' },
    { name: 'max-log-requests', type: 'int', initial: '5', usage: 'Most streams that -f follows at once.' },
    {
      name: 'pod-running-timeout',
      type: 'duration',
      initial: '20s',
      usage: 'Longest time to wait for a running Pod.',
    },
    { name: 'prefix', type: 'bool', initial: 'false', usage: 'Puts Pod and container before each line.' },
    {
      name: 'previous',
      short: 'p',
      type: 'bool',
      initial: 'false',
      usage: 'The container before the last restart.',
    },
    { name: 'since', type: 'duration', initial: '0s', usage: 'Only lines newer than this (5s, 2m, 3h).' },
    { name: 'since-time', type: 'string', usage: 'Only lines after this time (RFC 3339).' },
    {
      name: 'tail',
      type: 'int',
      initial: '-1',
      usage: 'Last lines to show; all without a selector, else 10.',
    },
    { name: 'timestamps', type: 'bool', initial: 'false', usage: 'Puts the time before each line.' },
  ],
  run: runLogs,
};

/** One container whose log is wanted. */
interface LogSource {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

async function runLogs(invocation: Invocation): Promise<Outcome<void>> {
  const { args, flags } = invocation;
  const misuse = checkUsage(invocation);
  if (misuse !== undefined) return misuse;
  const wanted = args[1] ?? flags.string('container');
  const pods = await choosePods(invocation);
  if (!pods.ok) return pods;
  const sources: LogSource[] = [];
  for (const pod of pods.value) {
    const containers = chooseContainers(invocation, pod, wanted);
    if (!containers.ok) return containers;
    const namespace = stringAt(pod, 'metadata', 'namespace');
    sources.push(
      ...containers.value.map((container) => ({
        namespace,
        pod: stringAt(pod, 'metadata', 'name'),
        container,
      })),
    );
  }
  const most = flags.int('max-log-requests');
  if (flags.bool('follow') && sources.length > 1 && sources.length > most) {
    return failure(
      `you are attempting to follow ${sources.length} log streams, but maximum allowed concurrency is ${most}, use --max-log-requests to increase the limit`,
    );
  }
  return readLogs(invocation, sources);
}

function checkUsage(invocation: Invocation): Outcome<void> | undefined {
  const { args, flags } = invocation;
  const selector = flags.string('selector');
  if (args.length > 2 || (args.length === 0 && selector === '')) {
    return invocation.usageFailure(
      `expected '${usage}'.\nPOD or TYPE/NAME is a required argument for the logs command`,
    );
  }
  if (args.length === 1 && selector !== '')
    return invocation.usageFailure('only a selector (-l) or a POD name is allowed');
  const named = args[1] ?? flags.string('container');
  const sinceTime = flags.string('since-time');
  const problem = sinceTime === '' ? undefined : problemWithTime(sinceTime);
  if (problem !== undefined) return failure(problem);
  if (sinceTime !== '' && flags.durationMs('since') !== 0) {
    return failure('at most one of `sinceTime` or `sinceSeconds` may be specified');
  }
  if (flags.bool('all-containers') && named !== '') {
    return failure(`--all-containers=true should not be specified with container name ${named}`);
  }
  if (flags.isSet('container') && args.length === 2) {
    return failure('only one of -c or an inline [CONTAINER] arg is allowed');
  }
  if (flags.int('limit-bytes') < 0) return failure('--limit-bytes must be greater than 0');
  if (flags.durationMs('since') < 0) return failure('--since must be greater than 0');
  if (flags.int('tail') < -1) return failure('--tail must be greater than or equal to -1');
  return undefined;
}

async function choosePods(invocation: Invocation): Promise<Outcome<readonly JsonObject[]>> {
  const { args, flags, namespace } = invocation;
  const selector = flags.string('selector');
  if (selector !== '') {
    const list = await invocation.client.get(`/api/v1/namespaces/${namespace}/pods`, [
      ['labelSelector', selector],
    ]);
    if (!list.ok) return list;
    const pods = objectsAt(list.value, 'items');
    if (pods.length === 0) invocation.err(`No resources found in ${namespace} namespace.\n`);
    return ok(pods);
  }
  const found = await findTargetPods(invocation, args[0] ?? '', flags.durationMs('pod-running-timeout'));
  if (!found.ok) {
    if (!isNotFound(found.error)) return found;
    return failure(
      `error from server (NotFound): ${messageOf(found.error)} in namespace ${JSON.stringify(namespace)}`,
    );
  }
  const { pods, isNamed } = found.value;
  if (isNamed || flags.bool('all-pods')) return ok(pods);
  const [first] = pods;
  if (pods.length > 1)
    invocation.err(`Found ${pods.length} pods, using pod/${stringAt(first, 'metadata', 'name')}\n`);
  return ok(first === undefined ? [] : [first]);
}

function chooseContainers(
  invocation: Invocation,
  pod: JsonObject,
  wanted: string,
): Outcome<readonly string[]> {
  if (!invocation.flags.bool('all-containers')) {
    const one = chooseContainer(invocation, pod, wanted, invocation.flags.bool('all-pods'));
    return one.ok ? ok([one.value]) : one;
  }
  const order = ['init', 'main', 'ephemeral'] as const;
  return ok(
    order.flatMap((kind) => allContainers(pod).filter((one) => one.kind === kind)).map(({ name }) => name),
  );
}

async function readLogs(invocation: Invocation, sources: readonly LogSource[]): Promise<Outcome<void>> {
  const { flags } = invocation;
  const following: { readonly stream: TextStream; readonly printer: LinePrinter }[] = [];
  for (const source of sources) {
    const response = await invocation.client.send({
      method: 'GET',
      path: `/api/v1/namespaces/${source.namespace}/pods/${source.pod}/log`,
      query: logQuery(invocation, source.container),
    });
    if (!response.ok) {
      if (!flags.bool('ignore-errors')) return response;
      invocation.out(`error: ${messageOf(response.error)}\n`);
      continue;
    }
    if (response.value.type !== 'text') continue;
    const printer = new LinePrinter(invocation, source);
    printer.print(response.value.body);
    if (response.value.more !== undefined) following.push({ stream: response.value.more, printer });
    else printer.end();
  }
  return followLogs(invocation, following);
}

async function followLogs(
  invocation: Invocation,
  following: readonly { readonly stream: TextStream; readonly printer: LinePrinter }[],
): Promise<Outcome<void>> {
  if (following.length === 0) return ok(undefined);
  const isOver = () => {
    for (const { stream, printer } of following) printer.print(stream.read());
    return following.every(({ stream }) => stream.isEnded());
  };
  await follow(invocation.host, isOver, () => following.reduce((sum, { printer }) => sum + printer.count, 0));
  for (const { stream, printer } of following) {
    printer.print(stream.read());
    printer.end();
    stream.close();
  }
  return ok(undefined);
}

/** What Go says about a text that is no RFC 3339 time. */
function problemWithTime(text: string): string | undefined {
  try {
    decodeTime(text);
    return undefined;
  } catch (error) {
    if (error instanceof DecodeAbort) return error.message;
    throw error;
  }
}

function logQuery(invocation: Invocation, container: string): Query {
  const { flags } = invocation;
  const query: (readonly [string, string])[] = [['container', container]];
  for (const name of ['follow', 'previous', 'timestamps']) if (flags.bool(name)) query.push([name, 'true']);
  if (flags.int('limit-bytes') > 0) query.push(['limitBytes', flags.string('limit-bytes')]);
  if (flags.durationMs('since') > 0)
    query.push(['sinceSeconds', String(Math.round(flags.durationMs('since') / 1_000))]);
  if (flags.string('since-time') !== '') query.push(['sinceTime', flags.string('since-time')]);
  if (flags.int('tail') !== -1) query.push(['tailLines', flags.string('tail')]);
  else if (flags.string('selector') !== '' && !flags.isSet('tail')) query.push(['tailLines', '10']);
  return query;
}

/** Prints whole lines, each with its source where that is wanted, so that streams don't mix within a line. */
class LinePrinter {
  readonly #invocation: Invocation;
  readonly #prefix: string;
  #rest = '';
  /** Characters that came so far. */
  count = 0;

  constructor(invocation: Invocation, source: LogSource) {
    this.#invocation = invocation;
    const hasPrefix = invocation.flags.bool('prefix') || invocation.flags.bool('all-pods');
    this.#prefix = hasPrefix ? `[pod/${source.pod}/${source.container}] ` : '';
  }

  print(text: string): void {
    if (text === '') return;
    this.count += text.length;
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    if (lines.length > 0) this.#invocation.out(lines.map((line) => `${this.#prefix}${line}\n`).join(''));
  }

  end(): void {
    if (this.#rest !== '') this.#invocation.out(this.#prefix + this.#rest);
    this.#rest = '';
  }
}
