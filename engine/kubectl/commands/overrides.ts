/** `--overrides` of run and expose: what is laid over the object that the flags describe. Source: k8s.io/kubectl/pkg/cmd/util/override_options.go. */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { FlagSpec } from '../cli/flag-table.ts';
import { failure, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { withGoZeros } from '../printers/go-zeros.ts';
import { type PatchKind, patchLocally } from './local-patch.ts';

export const overrideFlags: readonly FlagSpec[] = [
  {
    name: 'override-type',
    type: 'string',
    initial: 'merge',
    usage: 'How the overrides are laid over: json, merge or strategic.',
  },
  { name: 'overrides', type: 'string', usage: 'Fields of the object as JSON, laid over what the flags say.' },
];

const kinds: readonly PatchKind[] = ['json', 'merge', 'strategic'];

/** The object with the overrides of the line. */
export function withOverrides({ flags }: Invocation, object: JsonObject): Outcome<JsonObject> {
  const text = flags.string('overrides');
  if (text === '') return ok(object);
  const type = flags.string('override-type');
  const kind = kinds.find((one) => one === type);
  if (kind === undefined) return failure(`invalid override type: ${type}`);
  const patch = parseJson(text);
  if (patch === undefined) return failure('Invalid JSON Patch');
  const patched = patchLocally(kind, object, patch);
  return patched.ok ? ok(withGoZeros(patched.value)) : patched;
}

function parseJson(text: string): JsonValue | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) || Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
