/** `kubectl explain`: what the API's own document says of a kind and its fields. */

import { parseJsonPath } from '../../api/jsonpath/parse.ts';
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import { kindOfResource, schemaOfKind } from '../explain/open-api.ts';
import { explainField } from '../explain/render.ts';
import { failure, messageOf, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { stringAt } from '../rest/object-fields.ts';
import { qualifiedResource, type RestMapper, splitApiVersion } from '../rest/rest-mapper.ts';

export const explainCommand: Command = {
  name: 'explain',
  usage:
    'TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group] [-o|--output=plaintext|plaintext-openapiv2]',
  short: 'Get documentation for a resource',
  flags: [
    { name: 'api-version', type: 'string', usage: 'Explains the kind of this group and version.' },
    { name: 'output', short: 'o', type: 'string', initial: 'plaintext', usage: 'Format: plaintext.' },
    {
      name: 'recursive',
      short: 'R',
      type: 'bool',
      initial: 'false',
      usage: 'Lists the fields of fields, without descriptions.',
    },
  ],
  run: runExplain,
};

/** A resource and the fields behind it. */
interface Target {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly path: readonly string[];
}

async function runExplain(invocation: Invocation): Promise<Outcome<void>> {
  const { args, client, flags } = invocation;
  const [text, more] = args;
  if (text === undefined) {
    return failure(
      'You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported resources.\n',
    );
  }
  if (more !== undefined) return failure('We accept only this format: explain RESOURCE\n');
  const mapper = await client.mapper();
  if (!mapper.ok) return mapper;
  const apiVersion = flags.string('api-version');
  const found = findTarget(text, mapper.value, apiVersion);
  if (!found.ok) return found;
  const target = found.value;
  const output = flags.string('output');
  if (output === 'plaintext-openapiv2')
    return failure('the format plaintext-openapiv2 is not available here; use plaintext');
  const index = await client.get('/openapi/v3');
  if (!index.ok) return failure(`failed to fetch list of groupVersions: ${messageOf(index.error)}`);
  const root = target.group === '' ? `api/${target.version}` : `apis/${target.group}/${target.version}`;
  const url = stringAt(index.value, 'paths', root, 'serverRelativeURL');
  const resource = `${target.group}/${target.version}, Resource=${target.plural}`;
  if (url === '') return failure(`couldn't find resource for "${resource}"`);
  const document = await client.get(url.replace(/\?.*$/, ''), queryOf(url));
  if (!document.ok)
    return failure(`failed to fetch openapi schema for ${root}: ${messageOf(document.error)}`);
  if (output !== 'plaintext') return failure(`unrecognized format: ${output}`);
  const context = { document: { root: document.value }, recursive: flags.bool('recursive') };
  const kind = kindOfResource(context.document, target);
  if (kind === undefined) return failure(`error: GVR (${resource}) not found in OpenAPI schema`);
  const group = kind.group === '' ? '' : `GROUP:      ${kind.group}\n`;
  invocation.out(`${group}KIND:       ${kind.kind}\nVERSION:    ${kind.version}\n\n`);
  const schema = schemaOfKind(context.document, kind);
  if (schema === undefined) {
    const map = `map[group:${kind.group} kind:${kind.kind} version:${kind.version}]`;
    return failure(`error: GVK ${map} not found in OpenAPI schema`);
  }
  const explained = explainField(context, schema, target.path);
  if (!explained.ok) return failure(explained.error);
  invocation.out(`${explained.value}\n`);
  return ok(undefined);
}

function queryOf(url: string): readonly (readonly [string, string])[] {
  return [...new URLSearchParams(url.split('?')[1] ?? '')];
}

/** Source: k8s.io/kubectl/pkg/explain, SplitAndParseResourceRequestWithMatchingPrefix. */
function findTarget(text: string, mapper: RestMapper, apiVersion: string): Outcome<Target> {
  const names = fieldNames(text, apiVersion === '' ? 'first node' : 'all nodes');
  if (!names.ok) return names;
  const [word = '', ...path] = names.value;
  const mapping = mapper.byArgument(word);
  // The mapper's own error is told without `error:`, unlike elsewhere.
  if (!mapping.ok) return { ok: false, error: { kind: 'exit', code: 1, text: messageOf(mapping.error) } };
  const { plural } = mapping.value;
  if (apiVersion !== '') return ok({ ...splitApiVersion(apiVersion), plural, path });
  const { group, version } = mapping.value;
  const sameName = mapper.mappings.filter((one) => one.plural === plural);
  const named = sameName.find((one) => text.startsWith(qualifiedResource(one)));
  if (named === undefined) return ok({ group, version, plural, path });
  const rest = text.slice(qualifiedResource(named).length);
  const fields = rest === '' || rest === '.' ? ok([]) : fieldNames(rest.replace(/^\./, ''), 'first node');
  if (!fields.ok) return fields;
  return ok({ group: named.group, version: named.version, plural, path: fields.value });
}

/** The fields of a path without brackets; a point at its end is of no account. */
function fieldNames(text: string, blamed: 'first node' | 'all nodes'): Outcome<readonly string[]> {
  const parsed = parseJsonPath(`{.${text.replace(/\.$/, '')}}`);
  if (!parsed.ok) return failure(parsed.error);
  const [node] = parsed.value;
  if (node?.kind !== 'path') return failure('must pass in 1 jsonpath string');
  const names: string[] = [];
  for (const step of node.steps) {
    if (step.kind === 'field') names.push(step.name);
    else {
      const nodes =
        names.length > 0 && blamed === 'all nodes'
          ? 'all nodes must be field nodes'
          : 'first node must be field node';
      return failure(`invalid jsonpath syntax, ${nodes}`);
    }
  }
  return ok(names);
}
