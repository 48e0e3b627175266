/** `kubectl create poddisruptionbudget` and `kubectl create priorityclass`. */
import { ok } from '../../base/result.ts';
import { failure } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { createSubcommand, metadataOf, namespacedPath } from './create-object.ts';
import { parseEqualities } from './label-equalities.ts';

export const createPodDisruptionBudgetCommand = createSubcommand({
  name: 'poddisruptionbudget',
  usage: 'NAME --selector=SELECTOR --min-available=N [--dry-run=server|client|none]',
  short: 'Create a pod disruption budget with the specified name',
  aliases: ['pdb'],
  flags: [
    { name: 'max-unavailable', type: 'string', usage: 'Most Pods, or their share, that may be missing.' },
    { name: 'min-available', type: 'string', usage: 'Fewest Pods, or their share, that must be there.' },
    { name: 'selector', type: 'string', usage: 'Labels of the Pods; = and == are understood alone.' },
  ],
  generate: (invocation, name) => {
    const { flags } = invocation;
    const misuse = budgetProblem(invocation);
    if (misuse !== undefined) return failure(misuse);
    const matchLabels = parseEqualities(flags.string('selector'));
    if (!matchLabels.ok) return matchLabels;
    const field = flags.string('min-available') === '' ? 'maxUnavailable' : 'minAvailable';
    const text = flags.string('min-available') || flags.string('max-unavailable');
    return ok({
      object: {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: metadataOf(invocation, name),
        spec: {
          [field]: text.endsWith('%') ? text : Number(text),
          selector: { matchLabels: matchLabels.value },
        },
        status: { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 },
      },
      path: namespacedPath(invocation, '/apis/policy/v1', 'poddisruptionbudgets'),
      refusal: 'failed to create poddisruptionbudgets: ',
    });
  },
});

function budgetProblem({ flags }: Invocation): string | undefined {
  const least = flags.string('min-available');
  const most = flags.string('max-unavailable');
  if (flags.string('selector') === '') return 'a selector must be specified';
  if (least === '' && most === '') return 'one of min-available or max-unavailable must be specified';
  if (least !== '' && most !== '') return 'min-available and max-unavailable cannot be both specified';
  const isAmount = (text: string) => text === '' || /^[0-9]{1,15}%?$/.test(text);
  if (!isAmount(least)) return 'invalid format specified for min-available';
  if (!isAmount(most)) return 'invalid format specified for max-unavailable';
  return undefined;
}

export const createPriorityClassCommand = createSubcommand({
  name: 'priorityclass',
  usage: 'NAME --value=VALUE --global-default=BOOL [--dry-run=server|client|none]',
  short: 'Create a priority class with the specified name',
  aliases: ['pc'],
  flags: [
    { name: 'description', type: 'string', usage: 'When this class should be used.' },
    { name: 'global-default', type: 'bool', initial: 'false', usage: 'Holds for Pods that name no class.' },
    {
      name: 'preemption-policy',
      type: 'string',
      initial: 'PreemptLowerPriority',
      usage: 'Whether Pods of lower priority make room.',
    },
    { name: 'value', type: 'int', initial: '0', usage: 'The priority; higher goes first.' },
  ],
  generate: ({ flags }, name) => {
    const description = flags.string('description');
    return ok({
      object: {
        apiVersion: 'scheduling.k8s.io/v1',
        ...(description === '' ? {} : { description }),
        ...(flags.bool('global-default') ? { globalDefault: true } : {}),
        kind: 'PriorityClass',
        metadata: { name },
        preemptionPolicy: flags.string('preemption-policy'),
        value: flags.int('value'),
      },
      path: '/apis/scheduling.k8s.io/v1/priorityclasses',
      refusal: 'failed to create priorityclass: ',
    });
  },
});
