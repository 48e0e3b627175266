/** `kubectl set resources`. Source: k8s.io/kubectl/pkg/cmd/set/set_resources.go. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import { failure, joinFailures, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { objectAt } from '../rest/object-fields.ts';
import { parseResourceList } from './resource-list.ts';
import {
  changeContainers,
  changeObjects,
  chooseObjects,
  containersFlag,
  isSelectedContainer,
  localProblem,
  setFlagsWithSelector,
} from './set-objects.ts';
import { readDryRun } from './write-options.ts';

export const setResourcesCommand: Command = {
  name: 'resources',
  usage: '(-f FILENAME | TYPE NAME)  ([--limits=LIMITS & --requests=REQUESTS]',
  short: 'Update resource requests/limits on objects with pod templates',
  flags: [
    ...setFlagsWithSelector,
    containersFlag,
    { name: 'limits', type: 'string', usage: 'Limits as resource=amount, with commas between them.' },
    { name: 'requests', type: 'string', usage: 'Requests as resource=amount, with commas between them.' },
  ],
  run: runSetResources,
};

async function runSetResources(invocation: Invocation): Promise<Outcome<void>> {
  const { args, flags } = invocation;
  const dryRun = readDryRun(invocation);
  if (!dryRun.ok) return dryRun;
  const chosen = await chooseObjects(invocation, args);
  if (!chosen.ok) return chosen;
  const problem = joinFailures(chosen.value.failures);
  if (problem !== undefined) return { ok: false, error: problem };
  const local = localProblem(invocation, dryRun.value);
  if (local !== undefined) return failure(local);
  if (flags.bool('all') && flags.string('selector') !== '')
    return failure('cannot set --all and --selector at the same time');
  if (flags.string('limits') === '' && flags.string('requests') === '') {
    return failure('you must specify an update to requests or limits (in the form of --requests/--limits)');
  }
  const limits = parseResourceList(flags.string('limits'));
  if (!limits.ok) return limits;
  const requests = parseResourceList(flags.string('requests'));
  if (!requests.ok) return requests;
  const spec = flags.string('containers');
  let isMissing = false;
  const changed = await changeObjects(invocation, chosen.value.infos, {
    operation: 'resource requirements updated',
    refusal: 'failed to patch resources update to pod template ',
    change: (object, info) => {
      const outcome = changeContainers(
        object,
        info,
        (name) => isSelectedContainer(name, spec),
        (container) => ok(withAmounts(container, limits.value, requests.value)),
      );
      if (!outcome.ok) return outcome;
      if (outcome.value.count > 0) return ok(outcome.value.object);
      isMissing = true;
      return ok(undefined);
    },
  });
  if (!isMissing) return changed;
  const missing = failure(`error: unable to find container named ${spec}`).error;
  const joined = joinFailures(changed.ok ? [missing] : [missing, changed.error]);
  return { ok: false, error: joined ?? missing };
}

function withAmounts(container: JsonObject, limits: JsonObject, requests: JsonObject): JsonObject {
  const resources = objectAt(container, 'resources');
  const merged = (field: string, amounts: JsonObject) =>
    Object.keys(amounts).length === 0 ? {} : { [field]: { ...objectAt(resources, field), ...amounts } };
  return {
    ...container,
    resources: { ...resources, ...merged('limits', limits), ...merged('requests', requests) },
  };
}
