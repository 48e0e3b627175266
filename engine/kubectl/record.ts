/** `--record`: the command line, kept in the annotation that `rollout history` shows. Source: cli-runtime, record_flags.go. */
import type { JsonObject } from '../base/json.ts';
import type { Invocation } from './invocation.ts';
import { withValueAt } from './rest/object-fields.ts';

const changeCauseKey = 'kubernetes.io/change-cause';

/** The object with the command line in its annotation, where the line says so. */
export function withChangeCause(invocation: Invocation, object: JsonObject): JsonObject {
  if (!invocation.flags.has('record') || !invocation.flags.bool('record')) return object;
  const flags = invocation.flags.given().map(([name, value]) => `--${name}=${value}`);
  const cause = [invocation.path, ...invocation.args, ...flags].join(' ');
  return withValueAt(object, ['metadata', 'annotations', changeCauseKey], cause);
}
