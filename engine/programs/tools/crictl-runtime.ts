/** How crictl talks to the container runtime of its node: the host service `cri`, which answers with CRI's messages. */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import * as sys from '../../net/process/sys.ts';

/** Asks the runtime; null for what it does not find. */
export function* askRuntime(question: JsonObject): sys.Sys<JsonValue> {
  const node = yield* sys.hostname();
  const answer = yield* sys.host('cri', { node, question });
  return answer.ok ? answer.value : null;
}

/** Prints what logrus prints of a fatal error. */
export function* fatal(message: string): sys.Sys<number> {
  yield* sys.printError(`FATA[0000] ${message}\n`);
  return 1;
}

/** The runtime's words for a container that is not there. */
export function noContainer(id: string): string {
  return `rpc error: code = NotFound desc = an error occurred when try to find container ${JSON.stringify(id)}: not found`;
}

/** The objects of a list. */
export function objectsOf(value: JsonValue): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** The text or number at a path; empty when there is none. */
export function textOf(item: JsonObject, ...path: readonly string[]): string {
  let value: JsonValue | undefined = item;
  for (const key of path) value = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
