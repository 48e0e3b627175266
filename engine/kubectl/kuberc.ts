/**
 * A person's own defaults and aliases (`~/.kube/kuberc`), and what they make of a command line.
 * Source: k8s.io/kubectl/pkg/kuberc v0.36. Credential plugins, which it can keep from running, do not run here anyway.
 */
import { isJsonObject, type JsonObject } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Command } from './cli/command.ts';
import { findCommand } from './cli/dispatch.ts';
import type { Outcome } from './failure.ts';
import type { KubectlHost } from './host.ts';
import { parseManifest, splitDocuments } from './manifest/parse-manifest.ts';
import { listAt, objectsAt, stringAt } from './rest/object-fields.ts';

/** What the file says. */
export interface Preference {
  readonly defaults: readonly JsonObject[];
  readonly aliases: readonly JsonObject[];
  readonly credentialPluginPolicy?: string;
  readonly credentialPluginAllowlist?: readonly JsonObject[];
}

/** A file that says nothing. */
export const emptyPreference: Preference = { defaults: [], aliases: [] };

/** Where the file is: as the flag says, the environment, else in the home folder; undefined when it is turned off. */
export function kubercPath({ env }: Pick<KubectlHost, 'env'>, given: string): string | undefined {
  const named = env.get('KUBERC') ?? '';
  if (named === 'off') return undefined;
  return given || named || `${env.get('HOME') ?? ''}/.kube/kuberc`;
}

/** Reads the first document that is a Preference. */
export function readPreference(text: string): Result<Preference, string> {
  for (const document of splitDocuments(text)) {
    const parsed = parseManifest(document);
    if (!parsed.ok) return err(parsed.error);
    if (parsed.value === undefined || stringAt(parsed.value, 'kind') !== 'Preference') continue;
    const { credentialPluginPolicy: policy, credentialPluginAllowlist: allowed } = parsed.value;
    return ok({
      defaults: objectsAt(parsed.value, 'defaults'),
      aliases: objectsAt(parsed.value, 'aliases'),
      ...(typeof policy === 'string' ? { credentialPluginPolicy: policy } : {}),
      ...(Array.isArray(allowed) ? { credentialPluginAllowlist: allowed.filter(isJsonObject) } : {}),
    });
  }
  return ok(emptyPreference);
}

/**
 * The file's contents, in the order of its fields.
 *
 * @param empty what stands for a list without entries.
 */
export function preferenceDocument(preference: Preference, empty: null | readonly []): JsonObject {
  const {
    defaults,
    aliases,
    credentialPluginPolicy: policy,
    credentialPluginAllowlist: allowed,
  } = preference;
  const listed = (entries: readonly JsonObject[], fields: readonly string[]) =>
    entries.length === 0 ? empty : entries.map((one) => inOrder(one, fields));
  return {
    kind: 'Preference',
    apiVersion: 'kubectl.config.k8s.io/v1beta1',
    defaults: listed(defaults, ['command', 'options']),
    aliases: listed(aliases, ['name', 'command', 'prependArgs', 'appendArgs', 'options']),
    ...(policy === undefined ? {} : { credentialPluginPolicy: policy }),
    ...(allowed === undefined ? {} : { credentialPluginAllowlist: allowed }),
  };
}

function inOrder(entry: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = entry[field];
      if (value === undefined) return [];
      const options = objectsAt(entry, 'options').map(({ name, default: initial }) => ({
        name: name ?? '',
        default: initial ?? '',
      }));
      return [[field, field === 'options' ? options : value] as const];
    }),
  );
}

/** The line with its alias put in place and the defaults of its command added. */
export async function applyKuberc(
  host: KubectlHost,
  root: Command,
  argv: readonly string[],
): Promise<Outcome<readonly string[]>> {
  const given =
    argv.find((word) => word.startsWith('--kuberc='))?.slice('--kuberc='.length) ?? after(argv, '--kuberc');
  const path = kubercPath(host, given);
  const text = path === undefined ? undefined : await host.readFile(path);
  const problem = (message: string): Outcome<never> => ({
    ok: false,
    error: { kind: 'exit', code: 1, text: `error occurred while applying preferences ${message}` },
  });
  if (text === undefined) {
    const isWanted = given !== '' || (host.env.get('KUBERC') ?? '') !== '';
    return path === undefined || !isWanted || argv[0] === 'kuberc'
      ? ok(argv)
      : problem(`kuberc error kuberc: open ${path}: no such file or directory`);
  }
  const read = readPreference(text);
  if (!read.ok) return problem(`kuberc error kuberc: ${read.error}`);
  const aliased = withAlias(root, read.value, argv);
  if (!aliased.ok) return problem(aliased.error);
  // The defaults of a command are not those of its aliases.
  return aliased.value === argv ? withDefaults(host, root, read.value, argv) : ok(aliased.value);
}

function after(argv: readonly string[], flag: string): string {
  const at = argv.indexOf(flag);
  return at < 0 ? '' : (argv[at + 1] ?? '');
}

function withAlias(
  root: Command,
  { aliases }: Preference,
  argv: readonly string[],
): Result<readonly string[], string> {
  const at = argv.findIndex((word) => !word.startsWith('-'));
  const name = argv[at];
  const alias = aliases.find((one) => stringAt(one, 'name') === name);
  if (alias === undefined || root.subcommands?.some((one) => one.name === name) === true) return ok(argv);
  const words = stringAt(alias, 'command').split(/\s+/);
  const target = findCommand(root, words);
  if (!target.ok)
    return err(
      `command ${JSON.stringify(stringAt(alias, 'command'))} not found to set alias ${JSON.stringify(name)}: []`,
    );
  const extra = (field: string) => listAt(alias, field).map(String);
  const line = [
    ...argv.slice(0, at),
    ...words,
    ...extra('prependArgs'),
    ...argv.slice(at + 1),
    ...extra('appendArgs'),
  ];
  return addOptions(
    root,
    line,
    objectsAt(alias, 'options'),
    (flag) => `invalid alias flag ${flag} in alias kubectl`,
  );
}

function withDefaults(
  host: KubectlHost,
  root: Command,
  { defaults }: Preference,
  argv: readonly string[],
): Outcome<readonly string[]> {
  const found = findCommand(root, argv);
  if (!found.ok) return ok(argv);
  let line = argv;
  for (const one of defaults) {
    const command = stringAt(one, 'command');
    const named = findCommand(root, command.split(/\s+/));
    if (!named.ok) {
      host.writeStderr(`Warning: command ${JSON.stringify(command)} not found to set kuberc override\n`);
      continue;
    }
    if (named.value.command !== found.value.command) continue;
    const added = addOptions(
      root,
      line,
      objectsAt(one, 'options'),
      (flag) => `invalid flag ${flag} for command ${command}`,
    );
    if (!added.ok) {
      const text = `error occurred while applying preferences ${added.error}`;
      return { ok: false, error: { kind: 'exit', code: 1, text } };
    }
    line = added.value;
  }
  return ok(line);
}

/** Options that the line itself names stay as it says. */
function addOptions(
  root: Command,
  line: readonly string[],
  options: readonly JsonObject[],
  unknown: (flag: string) => string,
): Result<readonly string[], string> {
  const found = findCommand(root, line);
  if (!found.ok) return ok(line);
  const { flags } = found.value.parsed;
  const added: string[] = [];
  for (const option of options) {
    const name = stringAt(option, 'name');
    if (!flags.has(name)) return err(unknown(name));
    if (!flags.isSet(name)) added.push(`--${name}=${stringAt(option, 'default')}`);
  }
  return ok([...added, ...line]);
}
