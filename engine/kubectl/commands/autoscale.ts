/** `kubectl autoscale`. Source: k8s.io/kubectl/pkg/cmd/autoscale/autoscale.go. */
import { formatQuantity, parseQuantity } from '../../api/quantity.ts';
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { withOwnOrderApplied } from '../apply/last-applied.ts';
import type { Command } from '../cli/command.ts';
import type { Flags } from '../cli/flag-table.ts';
import {
  dryRunFlag,
  fieldManagerFlag,
  filenameFlags,
  outputFlags,
  recordFlag,
  saveConfigFlag,
} from '../cli/flags.ts';
import { type Failure, failure, joinFailures, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import type { Query } from '../rest/cluster-client.ts';
import { fetchInfos, type ResourceInfo } from '../rest/resource-infos.ts';
import { apiVersionOf } from '../rest/rest-mapper.ts';
import { outcomePrinter, readDryRun, writeQuery } from './write-options.ts';

export const autoscaleCommand: Command = {
  name: 'autoscale',
  usage: '(-f FILENAME | TYPE NAME | TYPE/NAME) [--min=MINPODS] --max=MAXPODS [--cpu=CPU] [--memory=MEMORY]',
  short: 'Auto-scale a deployment, replica set, stateful set, or replication controller',
  flags: [
    ...filenameFlags,
    ...outputFlags,
    recordFlag,
    dryRunFlag,
    fieldManagerFlag('kubectl-autoscale'),
    saveConfigFlag,
    { name: 'cpu', type: 'string', usage: 'Processor time aimed at: a share (70%) or an amount (500m).' },
    {
      name: 'cpu-percent',
      type: 'int',
      initial: '-1',
      usage: 'Share of the requested processor time aimed at.',
      hidden: true,
      deprecated:
        "Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for milliCPU).",
    },
    { name: 'max', type: 'int', initial: '-1', usage: 'Most Pods.' },
    { name: 'memory', type: 'string', usage: 'Memory aimed at: a share (60%) or an amount (200Mi).' },
    { name: 'min', type: 'int', initial: '-1', usage: 'Fewest Pods.' },
    { name: 'name', type: 'string', usage: 'Name of the autoscaler; that of the workload without one.' },
  ],
  requiredFlags: ['max'],
  run: runAutoscale,
};

async function runAutoscale(invocation: Invocation): Promise<Outcome<void>> {
  const { client, flags, namespace } = invocation;
  const dryRun = readDryRun(invocation);
  if (!dryRun.ok) return dryRun;
  const metrics = readMetrics(flags);
  if (!metrics.ok) return metrics;
  const fetched = await fetchInfos(invocation, { args: invocation.args, selector: '' });
  if (!fetched.ok) return fetched;
  const print = await outcomePrinter(invocation, dryRun.value, { typed: true });
  if (!print.ok) return print;
  const query = writeQuery(invocation, dryRun.value);
  if (!query.ok) return query;
  const problem = joinFailures(fetched.value.failures);
  for (const info of fetched.value.infos) {
    if (!info.mapping.subresources.includes('scale')) return failure(notScalable(info));
    const autoscaler = autoscalerFor(invocation, info, metrics.value);
    if (dryRun.value === 'client') {
      const printed = print.value(autoscaler, 'created');
      if (!printed.ok) return printed;
      continue;
    }
    const body = flags.bool('save-config') ? withOwnOrderApplied(autoscaler) : autoscaler;
    const path = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`;
    const made = await client.post(path, body, query.value);
    if (!made.ok) {
      const older = await tryOlderApi(invocation, info, made.error, query.value);
      if (!older.ok) return older;
      const printed = print.value(older.value, 'autoscaled');
      if (!printed.ok) return printed;
      continue;
    }
    const printed = print.value(made.value, 'autoscaled');
    if (!printed.ok) return printed;
  }
  return problem === undefined ? ok(undefined) : { ok: false, error: problem };
}

/** Whatever keeps the autoscaler from being made: a share of processor time alone can be said in autoscaling/v1, too. */
async function tryOlderApi(
  invocation: Invocation,
  info: ResourceInfo,
  problem: Failure,
  query: Query,
): Promise<Outcome<JsonObject>> {
  const { client, flags, namespace } = invocation;
  const cpu = flags.string('cpu').trim();
  if (!cpu.endsWith('%') || flags.string('memory') !== '') {
    const reason = cpu === '' ? 'empty input' : '%!w(<nil>)';
    return failure(
      `failed to create autoscaling/v2 HPA and the configuration is incompatible with autoscaling/v1: ${reason}`,
    );
  }
  if (problem.kind === 'unreachable') return { ok: false, error: problem };
  const { status: _status, ...wanted } = autoscalerFor(invocation, info, []);
  const body = { ...wanted, apiVersion: 'autoscaling/v1' };
  const path = `/apis/autoscaling/v1/namespaces/${namespace}/horizontalpodautoscalers`;
  return client.post(path, body, query);
}

/** Source: client-go/scale, discoveryScaleResolver. */
function notScalable({ mapping }: ResourceInfo): string {
  const resource = `${apiVersionOf(mapping)}, Resource=${mapping.plural}`;
  const shown = mapping.group === '' ? `/${resource}` : resource;
  return `cannot autoscale a ${mapping.kind}: could not find scale subresource for ${shown} in discovery information`;
}

function readMetrics(flags: Flags): Outcome<readonly JsonObject[]> {
  const most = flags.int('max');
  if (most < 1) return failure(`--max=MAXPODS is required and must be at least 1, max: ${most}`);
  if (most < flags.int('min')) {
    return failure(
      `--max=MAXPODS must be larger or equal to --min=MINPODS, max: ${most}, min: ${flags.int('min')}`,
    );
  }
  const percent = flags.int('cpu-percent');
  if (percent > 0 && flags.string('cpu') !== '')
    return failure('--cpu-percent and --cpu are mutually exclusive');
  const metrics: JsonObject[] =
    percent > 0 ? [metric('cpu', { averageUtilization: percent, type: 'Utilization' })] : [];
  for (const resource of ['cpu', 'memory'] as const) {
    const text = flags.string(resource);
    if (text === '') continue;
    const target = parseTarget(text.trim(), resource);
    if (!target.ok) return target;
    metrics.push(metric(resource, target.value));
  }
  return ok(metrics);
}

function metric(name: string, target: JsonObject): JsonObject {
  return { resource: { name, target }, type: 'Resource' };
}

function parseTarget(text: string, resource: 'cpu' | 'memory'): Outcome<JsonObject> {
  if (text === '') return failure('empty input');
  if (text.endsWith('%')) {
    const share = text.slice(0, -1);
    if (!/^\+?\d{1,9}$/.test(share)) return failure(`invalid percentage value: ${share}`);
    return ok({ averageUtilization: Number(share), type: 'Utilization' });
  }
  // A bare number counts thousandths of a processor, or mebibytes.
  const isBare = /^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(text);
  const unit = resource === 'cpu' ? 'm' : 'Mi';
  const quantity = parseQuantity(isBare ? `${Number(text)}${unit}` : text);
  if (!quantity.ok) return failure(`invalid resource ${resource} value: ${text}`);
  return ok({ averageValue: formatQuantity(quantity.value), type: 'AverageValue' });
}

function autoscalerFor(
  invocation: Invocation,
  info: ResourceInfo,
  metrics: readonly JsonObject[],
): JsonObject {
  const { flags } = invocation;
  const least = flags.int('min');
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: {
      name: flags.string('name') || info.name,
      ...(invocation.isNamespaceExplicit ? { namespace: invocation.namespace } : {}),
    },
    spec: {
      maxReplicas: flags.int('max'),
      ...(metrics.length === 0 ? {} : { metrics }),
      ...(least > 0 ? { minReplicas: least } : {}),
      scaleTargetRef: { apiVersion: apiVersionOf(info.mapping), kind: info.mapping.kind, name: info.name },
    },
    status: { currentMetrics: null, desiredReplicas: 0 },
  };
}
