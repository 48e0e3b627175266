/** Why something is missing that a check looks for, where the learner wrote it down and it was refused. */
import type { Cause, ObjectName } from '../../engine/index.ts';
import type { AnswerProblem } from '../exercise/result.ts';

/**
 * The cause, or what stands behind it: that an object is not there tells nothing new to somebody whose manifest of it was
 * refused.
 */
export function findRefusalBehind(cause: Cause, problems: readonly AnswerProblem[]): Cause {
  if (cause.code !== 'object-missing' && cause.code !== 'name-not-found') return cause;
  for (const problem of problems) {
    if (problem.code === 'broken-manifest') {
      const { file, line, column } = problem;
      return { code: 'missing-since-refused', file, line, column };
    }
    if (problem.code !== 'refused-by-api-server') continue;
    const { file, line, column, object } = problem;
    if (file === undefined || object === undefined || !isLookedFor(object, cause)) continue;
    return {
      code: 'missing-since-refused',
      file,
      ...(line !== undefined && { line }),
      ...(column !== undefined && { column }),
      object,
    };
  }
  return cause;
}

function isLookedFor(
  refused: ObjectName,
  cause: Extract<Cause, { readonly code: 'object-missing' | 'name-not-found' }>,
): boolean {
  if (cause.code === 'name-not-found') {
    return refused.kind === 'Service' && cause.name.split('.', 1)[0] === refused.name;
  }
  const { kind, namespace, name } = cause.object;
  const isPlacedAlike = namespace === '' || refused.namespace === namespace;
  // A Service's slices are looked for by the label that names it.
  const isSliceOf =
    kind === 'EndpointSlice' &&
    refused.kind === 'Service' &&
    name === `kubernetes.io/service-name=${refused.name}`;
  return isPlacedAlike && (isSliceOf || (refused.kind === kind && refused.name === name));
}
