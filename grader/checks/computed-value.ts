/** Values that exist only in the cluster at hand: read from an object, or printed by a command. */
import type { Cause, JsonValue } from '../../engine/index.ts';
import type { ComputedValue } from '../exercise/schema.ts';
import { err, ok, type Result } from '../result.ts';
import type { CheckContext } from './context.ts';
import { explainMissingObject, findObjects, nameOf } from './objects.ts';

/** What computing a value looks at. */
export type ValueContext = Pick<CheckContext, 'engine' | 'cluster' | 'signal'>;

/** The value as text, or why the cluster does not show one. */
export async function computeValue(
  context: ValueContext,
  value: ComputedValue,
): Promise<Result<string, Cause>> {
  if ('literal' in value) return ok(String(value.literal));
  if ('command' in value) return runCommand(context, value.command);
  const found = findObjects(context.cluster, value);
  const [object] = found.objects;
  if (object === undefined) return err(explainMissingObject(context.cluster, value));
  const values = context.engine.evaluateJsonPath(object, value.path);
  if (!values.ok) throw new Error(`JSONPath ${value.path}: ${values.error}`);
  const [first] = values.value;
  if (first !== undefined) return ok(formatValue(first));
  return err({
    code: 'field-differs',
    object: nameOf(object, found.kind),
    path: value.path.replace(/^\./, ''),
    wanted: 'a value',
    found: undefined,
  });
}

/** A value as kubectl's JSONPath prints it: text bare, everything else as JSON. */
export function formatValue(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** In a shell of its own on a second fork: nothing that the learner defined in theirs stands between. */
async function runCommand(context: ValueContext, command: string): Promise<Result<string, Cause>> {
  const shell = await context.cluster.fork().openShell();
  const { exitCode, stdout, stderr } = await shell.run(command, signalOption(context));
  if (exitCode !== 0) return err({ code: 'command-failed', command, exitCode, stderr: stderr.trimEnd() });
  return ok(stdout.replace(/\n+$/, ''));
}

/** The option that ends a shell line from outside, when there is a signal. */
export function signalOption(context: Pick<CheckContext, 'signal'>): { readonly signal?: AbortSignal } {
  return context.signal === undefined ? {} : { signal: context.signal };
}
