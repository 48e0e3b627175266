/** Printing objects that kubectl holds as Go structs: JSON and KYAML have the order of their fields. */
import { formatJson, formatJsonInOrder } from '../../base/go-json.ts';
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Flags } from '../cli/flag-table.ts';
import type { Outcome } from '../failure.ts';
import type { KubectlHost } from '../host.ts';
import { stringAt } from '../rest/object-fields.ts';
import { builtInType } from '../schema-type.ts';
import { inGoOrder } from './go-order.ts';
import { formatKyaml } from './kyaml.ts';
import { type ObjectPrinter, objectPrinter, withoutManagedFields } from './output-format.ts';

/** The printer that `-o` asks for, for objects that are structs; undefined when it asks for none. */
export async function typedPrinter(
  flags: Flags,
  host: KubectlHost,
): Promise<Outcome<ObjectPrinter | undefined>> {
  const printer = await objectPrinter(flags, host, false);
  const format = flags.string('output').toLowerCase();
  if (!printer.ok || (format !== 'json' && format !== 'kyaml')) return printer;
  const keepsAll = flags.bool('show-managed-fields');
  return ok((object) => ok(formatTyped(keepsAll ? object : withoutManagedFields(object), format)));
}

function formatTyped(object: JsonObject, format: 'json' | 'kyaml'): string {
  const typeName = builtInType(stringAt(object, 'apiVersion'), stringAt(object, 'kind'));
  if (typeName === undefined) return format === 'json' ? formatJson(object) : formatKyaml(object);
  return formatInOrder(inGoOrder(object, typeName), format);
}

/** An object whose keys stand in the order of its struct already. */
export function formatInOrder(object: JsonObject, format: 'json' | 'kyaml'): string {
  return format === 'json' ? formatJsonInOrder(object) : formatKyaml(object, 'as-given');
}
