/** `-o`: from its text to what prints an object. It stands for cli-runtime's print flags. */

import { findResults, renderResults } from '../../api/jsonpath/evaluate.ts';
import { parseJsonPath } from '../../api/jsonpath/parse.ts';
import { formatCompactJson, formatJson } from '../../base/go-json.ts';
import type { JsonObject, JsonValue } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Flags } from '../cli/flag-table.ts';
import { failure, type Outcome } from '../failure.ts';
import { executeGoTemplate } from '../go-template/execute.ts';
import { formatValue } from '../go-template/go-format.ts';
import { parseGoTemplate } from '../go-template/parse.ts';
import type { KubectlHost } from '../host.ts';
import { objectsAt, stringAt, withValueAt } from '../rest/object-fields.ts';
import { splitApiVersion } from '../rest/rest-mapper.ts';
import { formatGoValue } from './go-syntax.ts';
import { formatKyaml } from './kyaml.ts';
import { formatYaml } from './yaml.ts';

/** A printer of whole objects. `index` counts the objects printed before in this command. */
export type ObjectPrinter = (object: JsonObject, index: number) => Outcome<string>;

/** Formats that commands other than get know. */
const commonFormats =
  'go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,yaml';
const getFormats = `custom-columns,custom-columns-file,${commonFormats},wide`.split(',').sort().join(',');

/** The words of an unknown format. */
function unknownFormat(format: string, forGet: boolean): string {
  return `unable to match a printer suitable for the output format ${JSON.stringify(format)}, allowed formats are: ${forGet ? getFormats : commonFormats}`;
}

/**
 * The printer that `-o` asks for.
 *
 * @returns undefined for formats that are not printers of whole objects (none, wide, custom-columns).
 */
export async function objectPrinter(
  flags: Flags,
  host: KubectlHost,
  forGet: boolean,
): Promise<Outcome<ObjectPrinter | undefined>> {
  const format = flags.string('output');
  const keepManaged = flags.bool('show-managed-fields');
  const trim = keepManaged ? (object: JsonObject) => object : withoutManagedFields;
  if (format === '' && flags.string('template') === '') return ok(undefined);
  // Source: k8s.io/cli-runtime, json_yaml_flags.go and name_flags.go: capitals don't matter to these.
  const name = format.toLowerCase();
  if (name === 'json') return ok((object) => ok(formatJson(trim(object))));
  if (name === 'yaml')
    return ok((object, index) => ok((index > 0 ? '---\n' : '') + formatYaml(trim(object))));
  if (name === 'kyaml') return ok((object) => ok(formatKyaml(trim(object))));
  if (name === 'name') return ok((object) => ok(formatNames(object)));
  if (format.startsWith('jsonpath')) return jsonPathPrinter(flags, host);
  if (/^(?:go-template|template)/.test(format) || format === '')
    return goTemplatePrinter(flags, host, forGet);
  if (forGet && (format === 'wide' || format.startsWith('custom-columns'))) return ok(undefined);
  return failure(unknownFormat(format, forGet));
}

/** Source: k8s.io/cli-runtime/pkg/genericclioptions/template_flags.go and printers/template.go. */
async function goTemplatePrinter(
  flags: Flags,
  host: KubectlHost,
  forGet: boolean,
): Promise<Outcome<ObjectPrinter>> {
  const [, name = '', given] = /^([a-z-]*)(?:=([\s\S]*))?$/.exec(flags.string('output')) ?? [];
  if (!['', 'go-template', 'go-template-file', 'template', 'templatefile'].includes(name))
    return failure(unknownFormat(flags.string('output'), forGet));
  let text = given ?? flags.string('template');
  if (text === '') return failure('template format specified but no template given');
  if (name.endsWith('file')) {
    const file = await host.readFile(text);
    if (file === undefined)
      return failure(`error reading --template ${text}, open ${text}: no such file or directory\n`);
    text = file;
  }
  const parsed = parseGoTemplate(text);
  if (!parsed.ok) return failure(`error parsing template ${text}, ${parsed.error}\n`);
  const options = { allowMissingKeys: flags.bool('allow-missing-template-keys') };
  return ok((object) => {
    const result = executeGoTemplate(parsed.value, object, options);
    if (result.ok) return ok(result.value);
    host.writeStdout(
      `Error executing template: ${result.error}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t${text}\n\traw data was:\n\t\t${formatCompactJson(object)}\n\tobject given to template engine was:\n\t\t${formatValue(object)}\n\n`,
    );
    return failure(`error executing template ${JSON.stringify(text)}: ${result.error}`);
  });
}

async function jsonPathPrinter(flags: Flags, host: KubectlHost): Promise<Outcome<ObjectPrinter>> {
  const [, name = '', given] = /^([a-z-]+)(?:=([\s\S]*))?$/.exec(flags.string('output')) ?? [];
  let template = given ?? flags.string('template');
  if (name === 'jsonpath-file') {
    const text = await host.readFile(template);
    if (text === undefined)
      return failure(`error reading --template ${template}, open ${template}: no such file or directory\n`);
    template = text;
  } else if (name !== 'jsonpath' && name !== 'jsonpath-as-json') {
    return failure(unknownFormat(flags.string('output'), true));
  }
  if (template === '') return failure('template format specified but no template given');
  const parsed = parseJsonPath(template);
  if (!parsed.ok) return failure(`error parsing jsonpath ${template}, ${parsed.error}\n`);
  const nodes = parsed.value;
  return ok((object) => {
    const found = findResults(nodes, object, { allowMissingKeys: flags.bool('allow-missing-template-keys') });
    if (!found.ok) return failure(executionError(template, found.error, object));
    if (name === 'jsonpath-as-json') return ok(formatJson(found.value.flat()));
    return ok(renderResults(found.value));
  });
}

function executionError(template: string, problem: string, object: JsonObject): string {
  return `error executing jsonpath ${JSON.stringify(template)}: Error executing template: ${problem}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t${template}\n\tobject given to jsonpath engine was:\n\t\t${formatGoValue(object)}\n\n\n`;
}

/** `pod/web`, one line for each item of a list. */
function formatNames(object: JsonObject): string {
  if (Array.isArray(object.items)) return objectsAt(object, 'items').map(formatNames).join('');
  return `${qualifiedName(object)}\n`;
}

/** An object as messages name it: `pod/web`, `deployment.apps/web`. */
export function qualifiedName(object: JsonObject): string {
  const { group } = splitApiVersion(stringAt(object, 'apiVersion'));
  const kind = stringAt(object, 'kind').toLowerCase() || '<unknown>';
  return `${kind}${group === '' ? '' : `.${group}`}/${stringAt(object, 'metadata', 'name')}`;
}

/** The object without the book-keeping of server-side apply; of a list, all items. */
export function withoutManagedFields(object: JsonObject): JsonObject {
  const without = withValueAt(object, ['metadata', 'managedFields'], undefined);
  if (!Array.isArray(without.items)) return without;
  return { ...without, items: objectsAt(without, 'items').map(withoutManagedFields) };
}

/** A list made by kubectl itself out of several objects. */
export function listOf(items: readonly JsonObject[]): JsonObject {
  const list: JsonValue[] = [...items];
  return { apiVersion: 'v1', items: list, kind: 'List', metadata: { resourceVersion: '' } };
}
