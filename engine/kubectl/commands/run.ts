/** `kubectl run`: makes one Pod, and with `-i` follows it to its end. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { withLastApplied } from '../apply/last-applied.ts';
import type { Command } from '../cli/command.ts';
import {
  detachKeysFlag,
  dryRunFlag,
  fieldManagerFlag,
  filenameFlags,
  outputFlags,
  recordFlag,
  removalFlags,
  saveConfigFlag,
} from '../cli/flags.ts';
import { failure, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { isImageReference } from './image-reference.ts';
import { overrideFlags, withOverrides } from './overrides.ts';
import { attachToRun } from './run-attach.ts';
import { outcomePrinter, readDryRun, writeQuery } from './write-options.ts';

export const runCommand: Command = {
  name: 'run',
  usage:
    'NAME --image=image [--env="key=value"] [--port=port] [--dry-run=server|client] [--overrides=inline-json] [--command] -- [COMMAND] [args...]',
  short: 'Run a particular image on the cluster',
  flags: [
    ...outputFlags,
    recordFlag,
    dryRunFlag,
    fieldManagerFlag('kubectl-run'),
    saveConfigFlag,
    ...overrideFlags,
    ...filenameFlags,
    ...removalFlags,
    { name: 'annotations', type: 'stringArray', usage: 'Annotations of the Pod.' },
    { name: 'attach', type: 'bool', initial: 'false', usage: 'Waits for the Pod and shows what it prints.' },
    {
      name: 'command',
      type: 'bool',
      initial: 'false',
      usage: 'Takes the words behind -- for the command instead of its arguments.',
    },
    detachKeysFlag,
    { name: 'env', type: 'stringArray', usage: 'Environment variables.' },
    {
      name: 'expose',
      type: 'bool',
      initial: 'false',
      usage: 'Makes a ClusterIP Service for the Pod; needs --port.',
    },
    { name: 'image', type: 'string', usage: 'The image of the container.' },
    { name: 'image-pull-policy', type: 'string', usage: 'Always, IfNotPresent or Never.' },
    { name: 'labels', short: 'l', type: 'string', usage: 'Labels of the Pod, separated by commas.' },
    {
      name: 'leave-stdin-open',
      type: 'bool',
      initial: 'false',
      usage: 'Leaves stdin open after the first attach.',
    },
    {
      name: 'pod-running-timeout',
      type: 'duration',
      initial: '1m0s',
      usage: 'Longest time to wait for a running Pod.',
    },
    { name: 'port', type: 'string', usage: 'The port that the container exposes.' },
    { name: 'privileged', type: 'bool', initial: 'false', usage: 'Runs the container privileged.' },
    { name: 'quiet', short: 'q', type: 'bool', initial: 'false', usage: 'Only what the program prints.' },
    { name: 'restart', type: 'string', initial: 'Always', usage: 'Always, OnFailure or Never.' },
    {
      name: 'rm',
      type: 'bool',
      initial: 'false',
      usage: 'Deletes the Pod after it has ended; with -i or --attach.',
    },
    { name: 'stdin', short: 'i', type: 'bool', initial: 'false', usage: 'Keeps stdin open.' },
    { name: 'tty', short: 't', type: 'bool', initial: 'false', usage: 'Gives the container a terminal.' },
  ],
  requiredFlags: ['image'],
  run: runRun,
};

async function runRun(invocation: Invocation): Promise<Outcome<void>> {
  const { args, dashAt, flags } = invocation;
  const [name] = args;
  if (name === undefined || dashAt === 0) return invocation.usageFailure('NAME is required for run');
  const misuse = checkFlags(invocation);
  if (misuse !== undefined) return misuse;
  const dryRun = readDryRun(invocation);
  if (!dryRun.ok) return dryRun;
  const isAttached = flags.isSet('attach') ? flags.bool('attach') : flags.bool('stdin');
  if (!isAttached && flags.bool('rm'))
    return invocation.usageFailure('--rm should only be used for attached containers');
  if (isAttached && dryRun.value !== 'none') {
    return invocation.usageFailure(
      "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)",
    );
  }
  const print = await outcomePrinter(invocation, dryRun.value, { typed: true });
  if (!print.ok) return print;
  const query = writeQuery(invocation, dryRun.value);
  if (!query.ok) return query;
  const described = podFor(invocation, name);
  if (!described.ok) return described;
  const pod = withOverrides(invocation, described.value);
  if (!pod.ok) return pod;
  const create = async (plural: string, object: JsonObject): Promise<Outcome<JsonObject>> => {
    if (dryRun.value === 'client') return ok(object);
    const sent = flags.bool('save-config') ? withLastApplied(object) : object;
    return invocation.client.post(`/api/v1/namespaces/${invocation.namespace}/${plural}`, sent, query.value);
  };
  const made = await create('pods', pod.value);
  if (!made.ok) return made;
  if (flags.bool('expose')) {
    const service = await create('services', serviceFor(invocation, name));
    if (!service.ok) return service;
    const printed = print.value(service.value, 'created');
    if (!printed.ok) return printed;
    // kubectl writes a separator of its own, besides that of its printer.
    if (flags.string('output') === 'yaml') invocation.out('---\n');
  }
  return isAttached ? attachToRun(invocation, made.value) : print.value(made.value, 'created');
}

function checkFlags(invocation: Invocation): Outcome<void> | undefined {
  const { flags } = invocation;
  const image = flags.string('image');
  if (image === '') return failure('--image is required');
  if (!isImageReference(image)) {
    return failure(`Invalid image name ${JSON.stringify(image)}: invalid reference format`);
  }
  if (flags.bool('tty') && !flags.bool('stdin')) {
    return invocation.usageFailure('-i/--stdin is required for containers with -t/--tty=true');
  }
  if (flags.bool('expose') && flags.string('port') === '') {
    return invocation.usageFailure('--port must be set when exposing a service');
  }
  if (!['Always', 'OnFailure', 'Never', ''].includes(flags.string('restart'))) {
    return invocation.usageFailure(`invalid restart policy: ${flags.string('restart')}`);
  }
  if (!['Always', 'IfNotPresent', 'Never', ''].includes(flags.string('image-pull-policy'))) {
    return invocation.usageFailure(`invalid image pull policy: ${flags.string('image-pull-policy')}`);
  }
  return undefined;
}

/** The Pod that flags and words describe, as kubectl's typed object: with empty resources and status. */
function podFor(invocation: Invocation, name: string): Outcome<JsonObject> {
  const { args, flags } = invocation;
  const env = pairsOf(flags.strings('env'), 'env');
  if (!env.ok) return env;
  const annotations = pairsOf(flags.strings('annotations'), 'annotations');
  if (!annotations.ok) return annotations;
  const labels = labelsFor(invocation, name);
  if (!labels.ok) return labels;
  const port = flags.string('port');
  if (port !== '' && !/^\d+$/.test(port))
    return failure(`strconv.Atoi: parsing ${JSON.stringify(port)}: invalid syntax`);
  const words = args.slice(1);
  const stdin = flags.bool('stdin');
  const container: JsonObject = {
    ...(words.length === 0 ? {} : { [flags.bool('command') ? 'command' : 'args']: words }),
    ...(env.value.length === 0 ? {} : { env: env.value.map(([key, value]) => ({ name: key, value })) }),
    image: flags.string('image'),
    ...(flags.string('image-pull-policy') === ''
      ? {}
      : { imagePullPolicy: flags.string('image-pull-policy') }),
    name,
    ...(port === '' ? {} : { ports: [{ containerPort: Number(port) }] }),
    resources: {},
    ...(flags.bool('privileged') ? { securityContext: { privileged: true } } : {}),
    ...(stdin ? { stdin: true } : {}),
    ...(stdin && !flags.bool('leave-stdin-open') ? { stdinOnce: true } : {}),
    ...(flags.bool('tty') ? { tty: true } : {}),
  };
  return ok({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(annotations.value.length === 0 ? {} : { annotations: Object.fromEntries(annotations.value) }),
      labels: labels.value,
      name,
      ...(invocation.isNamespaceExplicit && flags.string('dry-run') === 'client'
        ? { namespace: invocation.namespace }
        : {}),
    },
    spec: {
      containers: [container],
      dnsPolicy: 'ClusterFirst',
      restartPolicy: flags.string('restart') || 'Always',
    },
    status: {},
  });
}

function pairsOf(
  texts: readonly string[],
  what: 'env' | 'annotations',
): Outcome<readonly (readonly [string, string])[]> {
  const pairs: (readonly [string, string])[] = [];
  for (const text of texts) {
    const equals = text.indexOf('=');
    if (equals < 1)
      return failure(what === 'env' ? `invalid env: ${text}` : `unexpected annotations spec: ${text}`);
    pairs.push([text.slice(0, equals), text.slice(equals + 1)]);
  }
  return ok(pairs);
}

function labelsFor(invocation: Invocation, name: string): Outcome<JsonObject> {
  const text = invocation.flags.string('labels');
  if (text === '') return ok({ run: name });
  const pairs = new Map<string, string>();
  for (const part of text.split(',')) {
    const [key = '', value, more] = part.split('=');
    if (value === undefined || more !== undefined) return failure(`unexpected label spec: ${part}`);
    pairs.set(key, value);
  }
  return ok(Object.fromEntries(pairs));
}

/** The Service of `--expose`. */
function serviceFor(invocation: Invocation, name: string): JsonObject {
  const labels = labelsFor(invocation, name);
  const port = Number(invocation.flags.string('port'));
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: {
      ports: [{ port, protocol: 'TCP', targetPort: port }],
      selector: labels.ok ? labels.value : { run: name },
    },
    status: { loadBalancer: {} },
  };
}
