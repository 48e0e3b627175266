/**
 * `kubectl kuberc`: a person's own defaults and aliases of kubectl, kept in a file.
 * Source: k8s.io/kubectl/pkg/cmd/kuberc v0.36.
 */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import { outputFlags } from '../cli/flags.ts';
import { failure, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import {
  emptyPreference,
  kubercPath,
  type Preference,
  preferenceDocument,
  readPreference,
} from '../kuberc.ts';
import { objectPrinter } from '../printers/output-format.ts';
import { formatInOrder } from '../printers/typed-object.ts';
import { formatYaml } from '../printers/yaml.ts';

const kubercFlag = { name: 'kuberc', type: 'string', usage: 'Path of the kuberc file to use.' } as const;

export const kubercCommand: Command = {
  name: 'kuberc',
  usage: 'SUBCOMMAND',
  short: 'Manage kuberc configuration files',
  flags: [],
  subcommands: [
    {
      name: 'set',
      usage: '--section (defaults|aliases) --command COMMAND',
      short: 'Set values in the kuberc configuration',
      isLocal: true,
      requiredFlags: ['section'],
      flags: [
        {
          name: 'allowlist-entry',
          type: 'stringArray',
          initial: '[]',
          usage: 'A plugin that may run: command=NAME.',
        },
        {
          name: 'appendarg',
          type: 'stringArray',
          initial: '[]',
          usage: "Argument behind those of the alias's line.",
        },
        { name: 'command', type: 'string', usage: "The command: 'get', 'set env'." },
        kubercFlag,
        { name: 'name', type: 'string', usage: 'Name of the alias.' },
        { name: 'option', type: 'stringArray', initial: '[]', usage: 'A default: flag=value.' },
        { name: 'overwrite', type: 'bool', initial: 'false', usage: 'Replaces what is there.' },
        {
          name: 'policy',
          type: 'string',
          usage: 'Which credential plugins may run: AllowAll, DenyAll or Allowlist.',
        },
        {
          name: 'prependarg',
          type: 'stringArray',
          initial: '[]',
          usage: "Argument before those of the alias's line.",
        },
        { name: 'section', type: 'string', usage: 'defaults, aliases or credentialplugin.' },
      ],
      run: runSet,
    },
    {
      name: 'view',
      usage: '',
      short: 'Display the current kuberc configuration',
      isLocal: true,
      flags: [
        ...outputFlags.map((flag) => (flag.name === 'output' ? { ...flag, initial: 'yaml' } : flag)),
        kubercFlag,
      ],
      run: runView,
    },
  ],
};

const disabled = 'KUBERC is disabled via KUBERC=off environment variable';

async function runView(invocation: Invocation): Promise<Outcome<void>> {
  const { flags, host } = invocation;
  const path = kubercPath(host, flags.string('kuberc'));
  if (path === undefined) return failure(disabled);
  const text = await host.readFile(path);
  if (text === undefined) {
    const notFound = `kuberc file not found at ${path}`;
    if (flags.string('kuberc') !== '' || (host.env.get('KUBERC') ?? '') !== '') return failure(notFound);
    invocation.out(
      `${notFound}\nWould you like to generate a default kuberc file with recommended options? (y/N): `,
    );
    return ok(undefined);
  }
  const read = readPreference(text);
  if (!read.ok) return failure(`error parsing kuberc file: ${read.error}`);
  const document = preferenceDocument(read.value, []);
  const format = flags.string('output').toLowerCase();
  const printer = await objectPrinter(flags, host, false);
  if (!printer.ok) return printer;
  const isInOrder = format === 'json' || format === 'kyaml';
  const shown = isInOrder ? ok(formatInOrder(document, format)) : (printer.value?.(document, 0) ?? ok(''));
  if (!shown.ok) return shown;
  invocation.out(shown.value);
  return ok(undefined);
}

const sections = ['defaults', 'aliases', 'credentialplugin'] as const;
type Section = (typeof sections)[number];

async function runSet(invocation: Invocation): Promise<Outcome<void>> {
  const { flags, host } = invocation;
  const path = kubercPath(host, flags.string('kuberc'));
  if (path === undefined) return failure(disabled);
  const section = sections.find((one) => one === flags.string('section'));
  if (section === undefined) {
    return failure(
      `--section must be "defaults", "aliases", or "credentialplugin", got: ${flags.string('section')}`,
    );
  }
  const misuse =
    section === 'credentialplugin' ? policyMisuse(invocation) : sectionMisuse(invocation, section);
  if (misuse !== undefined) return failure(misuse);
  const text = (await host.readFile(path)) ?? '';
  const read = text === '' ? ok(emptyPreference) : readPreference(text);
  if (!read.ok) return failure(`error parsing kuberc file: ${read.error}`);
  const options = readOptions(invocation);
  if (!options.ok) return options;
  const changed = changeSection(invocation, section, read.value, options.value);
  if (!changed.ok) return changed;
  await host.writeFile(path, formatYaml(preferenceDocument(changed.value, null)));
  invocation.out(`Updated ${path}\n`);
  return ok(undefined);
}

function sectionMisuse(
  { flags }: Invocation,
  section: Exclude<Section, 'credentialplugin'>,
): string | undefined {
  if (section === 'aliases' && flags.string('name') === '')
    return '--name is required when --section=aliases';
  if (section === 'defaults' && flags.string('name') !== '')
    return '--name should not be specified when --section=defaults';
  if (section === 'defaults' && flags.strings('prependarg').length + flags.strings('appendarg').length > 0)
    return '--prependarg and --appendarg are only valid for --section=aliases';
  return flags.string('command') === ''
    ? '--command is required when --section=aliases or --section=defaults'
    : undefined;
}

function policyMisuse({ flags }: Invocation): string | undefined {
  const policy = flags.string('policy');
  const entries = flags.strings('allowlist-entry').length;
  if (policy === '') return '--policy is required when --section=credentialplugin';
  if (policy === 'AllowAll' || policy === 'DenyAll') {
    return entries === 0
      ? undefined
      : '--allowlist-entry may only be used when --section=credentialplugin and --policy=Allowlist';
  }
  if (policy !== 'Allowlist')
    return ` --policy must be  "AllowAll", "DenyAll", or "Allowlist", got: ${policy}`;
  return entries > 0
    ? undefined
    : '--allowlist-entry is required when --section=credentialplugin and --policy=Allowlist';
}

function readOptions({ flags }: Invocation): Outcome<readonly JsonObject[]> {
  const options: JsonObject[] = [];
  for (const option of flags.strings('option')) {
    const equals = option.indexOf('=');
    if (equals < 0) return failure(`invalid option format ${JSON.stringify(option)}, expected flag=value`);
    options.push({ default: option.slice(equals + 1), name: option.slice(0, equals).replace(/^-+/, '') });
  }
  return ok(options);
}

function changeSection(
  { flags }: Invocation,
  section: Section,
  preference: Preference,
  options: readonly JsonObject[],
): Outcome<Preference> {
  const command = flags.string('command');
  if (section === 'credentialplugin') {
    const entries = flags
      .strings('allowlist-entry')
      .map((entry) => ({ command: entry.replace(/^command=/, '') }));
    const policy = { credentialPluginPolicy: flags.string('policy') };
    return ok({
      ...preference,
      ...policy,
      ...(entries.length === 0 ? {} : { credentialPluginAllowlist: entries }),
    });
  }
  const isAlias = section === 'aliases';
  const name = flags.string('name');
  const list = isAlias ? preference.aliases : preference.defaults;
  const at = list.findIndex((one) => (isAlias ? one.name === name : one.command === command));
  const before = list[at];
  if (before !== undefined && !flags.bool('overwrite')) {
    return failure(
      isAlias
        ? `alias ${JSON.stringify(name)} already exists, use --overwrite to replace`
        : `defaults for command ${JSON.stringify(command)} already exist, use --overwrite to replace`,
    );
  }
  const kept = (field: string, given: readonly (string | JsonObject)[]): JsonObject => {
    const value = given.length > 0 ? given : before?.[field];
    return value === undefined ? {} : { [field]: value };
  };
  const entry: JsonObject = {
    ...(isAlias ? { ...kept('appendArgs', flags.strings('appendarg')), name } : {}),
    command,
    ...(isAlias ? kept('prependArgs', flags.strings('prependarg')) : {}),
    ...kept('options', options),
  };
  const changed = before === undefined ? [...list, entry] : list.with(at, entry);
  return ok({ ...preference, [section]: changed });
}
