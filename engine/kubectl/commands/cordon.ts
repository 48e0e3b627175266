/** `kubectl cordon` and `kubectl uncordon`: whether a node takes new Pods. Source: k8s.io/kubectl/pkg/cmd/drain/drain.go. */
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import { dryRunFlag, selectorFlag } from '../cli/flags.ts';
import { failure, joinFailures, messageOf, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { valueAt } from '../rest/object-fields.ts';
import { fetchInfos, type ResourceInfo } from '../rest/resource-infos.ts';
import { resourcePath } from '../rest/rest-mapper.ts';
import { dryRunNote, readDryRun } from './write-options.ts';

export const cordonCommand: Command = {
  name: 'cordon',
  usage: 'NODE',
  short: 'Mark node as unschedulable',
  flags: [dryRunFlag, selectorFlag],
  run: (invocation) => markNodes(invocation, 'cordon'),
};

export const uncordonCommand: Command = {
  name: 'uncordon',
  usage: 'NODE',
  short: 'Mark node as schedulable',
  flags: [dryRunFlag, selectorFlag],
  run: (invocation) => markNodes(invocation, 'uncordon'),
};

async function markNodes(invocation: Invocation, verb: 'cordon' | 'uncordon'): Promise<Outcome<void>> {
  const marked = await cordonNodes(invocation, verb);
  return marked.ok ? ok(undefined) : marked;
}

/** Marks the nodes that arguments and flags choose, and says so; drain begins with it, too. */
export async function cordonNodes(
  invocation: Invocation,
  command: 'cordon' | 'uncordon' | 'drain',
): Promise<Outcome<readonly ResourceInfo[]>> {
  const { args, client, flags } = invocation;
  const selector = flags.string('selector');
  if (args.length === 0 && !flags.isSet('selector'))
    return invocation.usageFailure(`USAGE: ${command} NODE [flags]`);
  if (args.length > 0 && selector !== '') {
    return invocation.usageFailure('error: cannot specify both a node name and a --selector option');
  }
  const dryRun = readDryRun(invocation);
  if (!dryRun.ok) return dryRun;
  const fetched = await fetchInfos(invocation, { args: ['nodes', ...args], selector });
  if (!fetched.ok) return fetched;
  const problem = joinFailures(fetched.value.failures);
  if (problem !== undefined) return { ok: false, error: problem };
  const verb = command === 'uncordon' ? 'uncordon' : 'cordon';
  const desired = verb === 'cordon';
  for (const info of fetched.value.infos) {
    const isAlready = (valueAt(info.object, 'spec', 'unschedulable') === true) === desired;
    if (!isAlready && dryRun.value !== 'client') {
      const query = dryRun.value === 'server' ? ([['dryRun', 'All']] as const) : [];
      const patch = { spec: { unschedulable: desired ? true : null } };
      const path = resourcePath(info.mapping, '', info.name);
      const changed = await client.patch(path, 'strategic-merge-patch', patch, query);
      if (!changed.ok) {
        const reason = messageOf(changed.error);
        return failure(`unable to ${verb} node ${JSON.stringify(info.name)}: ${reason}`);
      }
    }
    invocation.out(`node/${info.name} ${isAlready ? 'already ' : ''}${verb}ed${dryRunNote(dryRun.value)}\n`);
  }
  return ok(fetched.value.infos);
}
