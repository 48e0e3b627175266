/** `kubectl set selector`, which Services alone take. Source: k8s.io/kubectl/pkg/cmd/set/set_selector.go. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import { filenameFlags, filesOnlyFlags } from '../cli/flags.ts';
import { failure, joinFailures, messageOf, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { withValueAt } from '../rest/object-fields.ts';
import { parseEqualities } from './label-equalities.ts';
import { changeObjects, chooseObjects, setFlags } from './set-objects.ts';

export const setSelectorCommand: Command = {
  name: 'selector',
  usage: '(-f FILENAME | TYPE NAME) EXPRESSIONS [--resource-version=version]',
  short: 'Set the selector on a resource',
  flags: [
    ...setFlags.filter((flag) => !filenameFlags.includes(flag)),
    ...filesOnlyFlags,
    { name: 'resource-version', type: 'string', usage: 'Changes only this version of the object.' },
  ],
  run: runSetSelector,
};

async function runSetSelector(invocation: Invocation): Promise<Outcome<void>> {
  const { args, flags } = invocation;
  const expression = args.at(-1);
  if (expression === undefined) return failure('one selector is required');
  const chosen = await chooseObjects(invocation, args.slice(0, -1));
  if (!chosen.ok) return chosen;
  const selector = parseEqualities(expression);
  if (!selector.ok) return selector;
  const problem = joinFailures(chosen.value.failures);
  if (problem !== undefined) return { ok: false, error: problem };
  const isOther = chosen.value.infos.some(
    ({ mapping }) => mapping.group !== '' || mapping.kind !== 'Service',
  );
  if (isOther) return failure('setting a selector is only supported for Services');
  const version = flags.string('resource-version');
  const changed = await changeObjects(invocation, chosen.value.infos, {
    operation: 'selector updated',
    refusal: '',
    sendsUnchanged: true,
    change: (object) => {
      const selected = withValueAt(object, ['spec', 'selector'], selector.value);
      return ok(version === '' ? selected : withVersion(selected, version));
    },
  });
  return changed.ok || messageOf(changed.error) !== '' ? changed : ok(undefined);
}

function withVersion(object: JsonObject, version: string): JsonObject {
  return withValueAt(object, ['metadata', 'resourceVersion'], version);
}
