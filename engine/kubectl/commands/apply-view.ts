/** `kubectl apply view-last-applied`: what was applied the last time. */

import { formatJson } from '../../base/go-json.ts';
import { ok } from '../../base/result.ts';
import { lastApplied } from '../apply/last-applied.ts';
import type { Command } from '../cli/command.ts';
import { filenameFlags, selectorFlag } from '../cli/flags.ts';
import { joinFailures, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { formatYaml } from '../printers/yaml.ts';
import { fetchInfos } from '../rest/resource-infos.ts';

export const viewLastAppliedCommand: Command = {
  name: 'view-last-applied',
  usage: '(TYPE [NAME | -l label] | TYPE/NAME | -f FILENAME)',
  short: 'View the latest last-applied-configuration annotations of a resource/object',
  flags: [
    ...filenameFlags,
    selectorFlag,
    { name: 'all', type: 'bool', initial: 'false', usage: 'All objects of the kinds.' },
    { name: 'output', short: 'o', type: 'string', initial: 'yaml', usage: 'Format: json or yaml.' },
  ],
  run: viewLastApplied,
};

async function viewLastApplied(invocation: Invocation): Promise<Outcome<void>> {
  const { flags } = invocation;
  const format = flags.string('output');
  if (format !== 'yaml' && format !== 'json') {
    return invocation.usageFailure(
      `Unexpected -o output mode: ${format}, the flag 'output' must be one of yaml|json`,
    );
  }
  const fetched = await fetchInfos(invocation, {
    args: invocation.args,
    selector: flags.string('selector'),
    all: flags.bool('all'),
  });
  if (!fetched.ok) return fetched;
  const problem = joinFailures(fetched.value.failures);
  if (problem !== undefined) return { ok: false, error: problem };
  for (const info of fetched.value.infos) {
    const applied = lastApplied(info.object);
    // Of an object that was never applied the real command says nothing, either.
    if (applied === undefined) continue;
    invocation.out(format === 'json' ? narrow(formatJson(applied)) : formatYaml(applied));
  }
  return ok(undefined);
}

/** Indented by two, unlike what other commands print. Source: k8s.io/kubectl/pkg/cmd/apply/apply_view_last_applied.go. */
function narrow(json: string): string {
  return json.replaceAll(/^ +/gm, (indent) => indent.slice(indent.length / 2));
}
