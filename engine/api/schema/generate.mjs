/**
 * Writes the schema table of the API (build/schema.json) and the fields' documentation (build/schema-docs.json).
 *
 * Field names, types, formats and required flags come from the models of `@kubernetes/client-node`, whose OpenAPI
 * release is checked here. Documentation and enums come from the declarations of `kubernetes-models`, which keep line
 * feeds and describe every field; they are read as text. What those models do not say (Go's types, which decide the words of decoding
 * errors and what an absent field looks like on the wire; patch and list keys) comes from go-facts.json, which the Go
 * program in go-facts/ prints.
 * Run by `npm run build`; there is no TypeScript at run time and nothing of the package is imported.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..', '..');
const modelsFolder = join(root, 'node_modules', '@kubernetes', 'client-node', 'dist', 'gen', 'models');
const describedFolders = ['kubernetes-models', '@kubernetes-models/apimachinery'].map((name) =>
  join(root, 'node_modules', name),
);
const release = '1.36';

if (existsSync(modelsFolder)) {
  generate();
} else if (!existsSync(join(root, 'build', 'schema.json'))) {
  fail('the models of @kubernetes/client-node are missing: run npm ci');
}

function generate() {
  const { types: facts, packages } = JSON.parse(readFileSync(join(here, 'go-facts.json'), 'utf8'));
  const types = {};
  const docs = {};
  const declarations = findDeclarations();
  for (const file of readdirSync(modelsFolder).sort()) {
    const name = file.slice(0, -'.js'.length);
    if (!file.endsWith('.js') || !Object.hasOwn(facts, name)) continue;
    const fields = readModel(name);
    const described = readDeclarations(name);
    types[name] = facts[name].map((line) => schemaLine(name, line, fields, described));
    if (fields.size !== facts[name].length) fail(`${name}: go-facts.json lacks a field that the model has`);
    const text = declarations.get(declarationName(packages[name], name));
    if (text === undefined) fail(`${name}: kubernetes-models does not declare it`);
    docs[name] = { package: packages[name], ...readDocs(text, fields, described) };
  }
  for (const name of Object.keys(facts)) if (!Object.hasOwn(types, name)) fail(`${name}: no such model`);
  mkdirSync(join(root, 'build'), { recursive: true });
  writeFileSync(join(root, 'build', 'schema.json'), JSON.stringify({ release, types }));
  writeFileSync(join(root, 'build', 'schema-docs.json'), JSON.stringify({ release, types: docs }));
}

/** The attributeTypeMap of a model: wire name → { name, type, format }. */
function readModel(name) {
  const text = readFileSync(join(modelsFolder, `${name}.js`), 'utf8');
  if (!text.includes(`OpenAPI spec version: release-${release}`))
    fail(`${name} is not of release-${release}`);
  const match = /attributeTypeMap = (\[[\s\S]*?\n\]|\[\]);/.exec(text);
  if (match === null) fail(`${name} has no attributeTypeMap`);
  return new Map(JSON.parse(match[1]).map((field) => [field.baseName, field]));
}

/** What the type declarations add: documentation, and which fields are required (those without `?`). */
function readDeclarations(name) {
  const text = readFileSync(join(modelsFolder, `${name}.d.ts`), 'utf8');
  const comments = /\/\*\*\n\s*\* ((?:(?!\*\/)[\s\S])*?)\n\s*\*\/\n\s*(export declare class|'[^']+'\??)/g;
  const described = { description: '', required: new Set(), fields: new Map() };
  for (const match of text.matchAll(comments)) {
    const doc = match[1].replaceAll("\\'", "'").replaceAll('\\"', '"').replaceAll('*_/', '*/');
    if (match[2].startsWith('export')) described.description = doc;
    else described.fields.set(match[2].replaceAll(/['?]/g, ''), doc);
  }
  for (const match of text.matchAll(/^ {4}'([^']+)'(\??):/gm))
    if (match[2] === '') described.required.add(match[1]);
  return described;
}

/** One line of the table: wire name, type, Go's type, then flags and facts as in go-facts.json; `r` is required. */
function schemaLine(name, line, fields, described) {
  const [wireName, goType, ...facts] = line.split(' ');
  const field = fields.get(wireName);
  if (field === undefined) fail(`${name}.${wireName}: go-facts.json names a field that the model lacks`);
  if (described.required.has(field.name)) facts.unshift('r');
  return [wireName, typeOf(field, goType, facts), goType, ...facts].join(' ');
}

function typeOf(field, goType, facts) {
  if (goType.endsWith('resource.Quantity'))
    return goType
      .replace(/[^\]*]*$/, 'quantity')
      .replace(/^\*/, '')
      .replace(/^map\[.*\]/, '{}');
  if (facts.some((fact) => fact.endsWith(']resource.Quantity'))) return '{}quantity';
  if (field.format === 'byte')
    return field.type.startsWith('{') ? '{}byte' : field.type.startsWith('Array') ? '[]byte' : 'byte';
  if (goType.endsWith('[]uint8')) return goType.startsWith('map') ? '{}byte' : 'byte';
  return modelType(field.type, field.format);
}

function modelType(type, format) {
  const array = /^Array<(.*)>$/.exec(type);
  if (array !== null) return `[]${modelType(array[1], format)}`;
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type);
  if (map !== null) return `{}${modelType(map[1], format)}`;
  if (type === 'Date') return 'time';
  if (type === 'V1MicroTime') return 'microtime';
  if (type === 'IntOrString') return 'intorstring';
  if (type === 'number') return format === '' ? 'double' : format;
  return type;
}

/** The text of every declaration of kubernetes-models by its full name: `IoK8sApiCoreV1Service`. */
function findDeclarations() {
  const found = new Map();
  for (const folder of describedFolders) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.name.endsWith('.d.ts') || entry.parentPath.includes('_schemas')) continue;
      const text = readFileSync(join(entry.parentPath, entry.name), 'utf8');
      const match = /export type \{ I\w+ as I(Io\w+)/.exec(text);
      if (match !== null) found.set(match[1], text);
    }
  }
  return found;
}

/** `api.core.v1` and `V1Service` → `IoK8sApiCoreV1Service`. */
function declarationName(goPackage, name) {
  const goName = name.replace(/^(?:[A-Z][a-z]+)?V\d+(?:(?:alpha|beta)\d+)?/, '');
  const words = [...goPackage.split(/[.-]/), goName];
  return `IoK8s${words.map((word) => word[0].toUpperCase() + word.slice(1)).join('')}`;
}

/** Description, descriptions of fields, and the values of fields that are enums. */
function readDocs(text, fields, described) {
  const end = text.indexOf('export declare class');
  const body = text.slice(0, end < 0 ? undefined : end);
  const declared = new Map();
  const enums = {};
  for (const [, comment, name, type] of body.matchAll(
    /^ {4}\/\*\*\n((?: {5}\*.*\n)*?) {5}\*\/\n {4}"([^"]+)"\??: (.*);?$/gm,
  )) {
    declared.set(name, plainText(comment));
    const values = type.replace(/;$/, '').split(' | ');
    if (values.every((value) => /^"[^"]*"$/.test(value)))
      enums[name] = values.map((value) => JSON.parse(value));
  }
  const docs = {};
  for (const name of fields.keys()) {
    // Of an object's apiVersion and kind the declarations say the one value alone.
    const isFixed = name === 'apiVersion' || (name === 'kind' && fields.has('apiVersion'));
    docs[name] = (isFixed ? described.fields.get(name) : declared.get(name)) ?? '';
    if (isFixed) delete enums[name];
  }
  const [, head = ''] = /\/\*\*\n((?: \*.*\n)*?) \*\/\nexport (?:interface|type)/.exec(body) ?? [];
  return { description: plainText(head) || described.description, fields: docs, enums };
}

/** A comment without its stars, Markdown's escapes and TypeScript's mark of deprecated things. */
function plainText(comment) {
  return comment
    .replaceAll(/^\s*\* ?/gm, '')
    .replace(/(?:\n@deprecated)?\n$/, '')
    .replaceAll(/\\([*_`/])/g, '$1');
}

function fail(message) {
  console.error(`schema: ${message}`);
  process.exit(1);
}
