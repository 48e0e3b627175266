/** What `kubectl config set-credentials` and `set-cluster` know besides plain fields: plugins and embedded files. Source: k8s.io/kubectl/pkg/cmd/config, set_credentials.go and set_cluster.go. */
import type { JsonObject, JsonValue } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { FlagSpec } from '../cli/flag-table.ts';
import { failure, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { objectAt, objectsAt, stringAt, withValueAt } from '../rest/object-fields.ts';

/** A text flag of a config command. */
export function text(name: string, usage: string): FlagSpec {
  return { name, type: 'string', usage };
}

export const embedCertsFlag: FlagSpec = {
  name: 'embed-certs',
  type: 'bool',
  initial: 'false',
  usage: 'Keeps the contents of the files instead of their paths.',
};

export const execFlags: readonly FlagSpec[] = [
  text('auth-provider', 'Provider of the user entry.'),
  { name: 'auth-provider-arg', type: 'stringSlice', initial: '[]', usage: "'key=value' for the provider." },
  text('exec-api-version', 'API version of the credential plugin.'),
  { name: 'exec-arg', type: 'stringSlice', initial: '[]', usage: 'Arguments of the credential plugin.' },
  text('exec-command', 'Command of the credential plugin.'),
  { name: 'exec-env', type: 'stringArray', initial: '[]', usage: "'key=value' in the plugin's environment." },
  text('exec-interactive-mode', 'IfAvailable, Always or Never.'),
  {
    name: 'exec-provide-cluster-info',
    type: 'bool',
    initial: 'false',
    usage: 'Tells the plugin about the cluster.',
  },
];

/** The words for flags that don't go together, else undefined. */
export async function credentialsMisuse({ flags, host }: Invocation): Promise<string | undefined> {
  const methods = [
    ...(flags.string('token') === '' ? [] : ['--token']),
    ...(flags.string('username') === '' && flags.string('password') === '' ? [] : ['--username/--password']),
  ];
  if (methods.length > 1) {
    return `you cannot specify more than one authentication method at the same time: ${methods.join(', ')}`;
  }
  if (flags.bool('embed-certs')) {
    const files = ['client-certificate', 'client-key'];
    if (files.every((flag) => flags.string(flag) === ''))
      return 'you must specify a --client-certificate or --client-key to embed';
    for (const flag of files) {
      const path = flags.string(flag);
      if (path !== '' && (await host.readFile(path)) === undefined)
        return `could not stat ${flag} file ${path}: stat ${path}: no such file or directory`;
    }
  }
  const mode = flags.string('exec-interactive-mode');
  return mode === '' || ['IfAvailable', 'Never', 'Always'].includes(mode)
    ? undefined
    : 'invalid interactive mode type, can be only IfAvailable, Never, Always';
}

/** The entry with the plugin that the flags describe. */
export function withPlugin(stanza: JsonObject, { flags }: Invocation): Outcome<JsonObject> {
  let changed = stanza;
  const provider = flags.string('auth-provider');
  if (provider !== '' && stringAt(changed, 'auth-provider', 'name') !== provider)
    changed = { ...changed, 'auth-provider': { config: {}, name: provider } };
  if (changed['auth-provider'] !== undefined) {
    const config = new Map(Object.entries(objectAt(changed, 'auth-provider', 'config')));
    for (const pair of flags.strings('auth-provider-arg')) {
      const equals = pair.indexOf('=');
      if (equals >= 0) config.set(pair.slice(0, equals), pair.slice(equals + 1));
      else if (pair.endsWith('-')) config.delete(pair.slice(0, -1));
      else return failure(`invalid auth-provider-arg format: ${pair}`);
    }
    changed = withValueAt(changed, ['auth-provider', 'config'], Object.fromEntries(config));
  }
  if (flags.isSet('exec-command')) {
    const { args: _args, ...kept } = objectAt(changed, 'exec');
    changed = {
      ...changed,
      exec: {
        ...(changed.exec === undefined ? { apiVersion: '', env: null, provideClusterInfo: false } : kept),
        args: null,
        command: flags.string('exec-command'),
      },
    };
  }
  if (changed.exec === undefined) return ok(changed);
  const set = (key: string, value: JsonValue) => {
    changed = withValueAt(changed, ['exec', key], value);
  };
  if (flags.isSet('exec-api-version')) set('apiVersion', flags.string('exec-api-version'));
  if (flags.isSet('exec-arg')) set('args', flags.strings('exec-arg'));
  if (flags.isSet('exec-interactive-mode')) set('interactiveMode', flags.string('exec-interactive-mode'));
  if (flags.isSet('exec-provide-cluster-info'))
    set('provideClusterInfo', flags.bool('exec-provide-cluster-info'));
  if (flags.isSet('exec-env')) {
    const env = new Map(
      objectsAt(changed, 'exec', 'env').map((one) => [stringAt(one, 'name'), stringAt(one, 'value')]),
    );
    for (const pair of flags.strings('exec-env')) {
      const equals = pair.indexOf('=');
      if (equals >= 0) env.set(pair.slice(0, equals), pair.slice(equals + 1));
      else if (pair.endsWith('-')) env.delete(pair.slice(0, -1));
      else return failure(`invalid exec-env format: ${pair}`);
    }
    set(
      'env',
      [...env].map(([name, value]) => ({ name, value })),
    );
  }
  return ok(changed);
}

/** The entry with the contents of files in the place of their paths, where the flags say so. */
export async function withEmbeddedFiles(
  stanza: JsonObject,
  { flags, host }: Invocation,
  fields: readonly string[],
): Promise<JsonObject> {
  let changed = stanza;
  for (const field of fields) {
    if (!flags.isSet(field)) continue;
    const content = flags.bool('embed-certs') ? await host.readFile(flags.string(field)) : undefined;
    const data = `${field}-data`;
    changed = withValueAt(changed, [content === undefined ? data : field], undefined);
    if (content !== undefined)
      changed = { ...changed, [data]: Buffer.from(content, 'utf8').toString('base64') };
  }
  return changed;
}
