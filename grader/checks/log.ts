/** Check `log`: what a container wrote, line by line. */
import type { LogCheck } from '../exercise/schema.ts';
import { type CheckContext, type CheckOutcome, failed, passed } from './context.ts';
import { clusterOf, nameOf } from './objects.ts';
import { exampleOf, matches } from './pattern.ts';
import { findRunningPod } from './vantage.ts';

/** How much of a log is shown when it is not the one wanted. */
const maxShownLines = 20;

/** Reads the log through the API, as kubectl logs does. */
export async function runLogCheck(check: LogCheck, context: CheckContext): Promise<CheckOutcome> {
  const found = findRunningPod(context, { resource: 'pods', ...check.pod });
  if (!found.ok) return failed(found.error);
  const pod = nameOf(found.value, 'Pod');
  const path = `/api/v1/namespaces/${pod.namespace}/pods/${pod.name}/log`;
  const query = check.container === undefined ? [] : [['container', check.container] as const];
  const answer = clusterOf(context.cluster, check.pod).request({ method: 'GET', path, query });
  if (answer.type !== 'text') throw new Error(`GET ${path} answered ${answer.type}`);
  const lines = answer.body.split('\n').filter((line) => line !== '');
  const evidence = {
    kind: 'output',
    command: `kubectl logs ${pod.name} -n ${pod.namespace}`,
    text: lines.slice(-maxShownLines).join('\n'),
  } as const;
  for (const pattern of check.lacks) {
    const count = lines.filter((candidate) => matches(pattern, candidate)).length;
    if (count > 0) {
      const cause = { code: 'log-differs', pod, pattern: exampleOf(pattern), lines: count } as const;
      return failed({ ...cause, isWanted: false }, evidence);
    }
  }
  for (const pattern of check.matches) {
    const count = lines.filter((candidate) => matches(pattern, candidate)).length;
    if (count < check.atLeast) {
      const cause = { code: 'log-differs', pod, pattern: exampleOf(pattern), lines: count } as const;
      return failed({ ...cause, isWanted: true }, evidence);
    }
  }
  return passed;
}
