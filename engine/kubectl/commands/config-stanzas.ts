/** `kubectl config set-context`, `set-cluster` and `set-credentials`. */
import type { JsonObject, JsonValue } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import type { FlagSpec } from '../cli/flag-table.ts';
import { formatHelp } from '../cli/help.ts';
import { fileForStanza, type StanzaKind, withStanza } from '../config/kubeconfig.ts';
import { failure, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import {
  credentialsMisuse,
  embedCertsFlag,
  execFlags,
  text,
  withEmbeddedFiles,
  withPlugin,
} from './config-exec.ts';
import { mergedConfig, saveFile } from './config-files.ts';

/** A flag of a command with the key that it sets. */
type FlagKeys = readonly (readonly [flag: string, key: string])[];

const contextKeys: FlagKeys = [
  ['cluster', 'cluster'],
  ['namespace', 'namespace'],
  ['user', 'user'],
];
const clusterKeys: FlagKeys = [
  ['certificate-authority', 'certificate-authority'],
  ['insecure-skip-tls-verify', 'insecure-skip-tls-verify'],
  ['proxy-url', 'proxy-url'],
  ['server', 'server'],
  ['tls-server-name', 'tls-server-name'],
];
const userKeys: FlagKeys = [
  ['client-certificate', 'client-certificate'],
  ['client-key', 'client-key'],
  ['password', 'password'],
  ['token', 'token'],
  ['username', 'username'],
];

export const setContextCommand: Command = {
  name: 'set-context',
  usage: '[NAME | --current] [--cluster=cluster_nickname] [--user=user_nickname] [--namespace=namespace]',
  short: 'Set a context entry in kubeconfig',
  isLocal: true,
  flags: [
    text('cluster', 'Cluster of the entry.'),
    { name: 'current', type: 'bool', initial: 'false', usage: 'Changes the current context.' },
    { ...text('namespace', 'Namespace of the entry.'), short: 'n' },
    text('user', 'User of the entry.'),
  ],
  run: runSetContext,
};

async function runSetContext(invocation: Invocation): Promise<Outcome<void>> {
  const [named = '', more] = invocation.args;
  const isCurrent = invocation.flags.bool('current');
  if (more !== undefined) return unexpectedArguments(invocation, setContextCommand);
  if (named === '' && !isCurrent) return failure('you must specify a non-empty context name or --current');
  if (named !== '' && isCurrent) return failure('you cannot specify both a context name and --current');
  const config = await mergedConfig(invocation);
  if (!config.ok) return config;
  const name = isCurrent ? config.value.currentContext : named;
  if (name === '') return failure('no current context is set');
  const existed = await setStanza(invocation, 'contexts', name, contextKeys);
  if (!existed.ok) return existed;
  invocation.out(`Context ${JSON.stringify(name)} ${existed.value ? 'modified' : 'created'}.\n`);
  return ok(undefined);
}

function unexpectedArguments(invocation: Invocation, command: Command): ReturnType<typeof failure> {
  invocation.out(formatHelp(command, invocation.path));
  return failure(`Unexpected args: [${invocation.args.join(' ')}]`);
}

export const setClusterCommand = stanzaCommand({
  name: 'set-cluster',
  usage:
    'NAME [--server=server] [--certificate-authority=path/to/certificate/authority] [--insecure-skip-tls-verify=true] [--tls-server-name=example.com]',
  short: 'Set a cluster entry in kubeconfig',
  flags: [
    text('certificate-authority', "File of the cluster's authority."),
    embedCertsFlag,
    {
      name: 'insecure-skip-tls-verify',
      type: 'bool',
      initial: 'false',
      usage: "Doesn't check the server's certificate.",
    },
    text('proxy-url', 'The proxy of the cluster.'),
    text('server', 'Address of the server.'),
    text('tls-server-name', "Name to check the server's certificate for."),
  ],
  kind: 'clusters',
  keys: clusterKeys,
  word: 'Cluster',
});

export const setCredentialsCommand = stanzaCommand({
  name: 'set-credentials',
  usage:
    'NAME [--client-certificate=path/to/certfile] [--client-key=path/to/keyfile] [--token=bearer_token] [--username=basic_user] [--password=basic_password] [--auth-provider=provider_name] [--auth-provider-arg=key=value] [--exec-command=exec_command] [--exec-api-version=exec_api_version] [--exec-arg=arg] [--exec-env=key=value]',
  short: 'Set a user entry in kubeconfig',
  flags: [
    ...execFlags,
    text('client-certificate', 'Certificate file of the user.'),
    text('client-key', 'Key file of the user.'),
    embedCertsFlag,
    text('password', 'Password of the user.'),
    text('token', 'Token of the user.'),
    text('username', 'Name of the user.'),
  ],
  kind: 'users',
  keys: userKeys,
  word: 'User',
});

interface StanzaCommand {
  readonly name: string;
  readonly usage: string;
  readonly short: string;
  readonly flags: readonly FlagSpec[];
  readonly kind: StanzaKind;
  readonly keys: FlagKeys;
  readonly word: string;
}

function stanzaCommand({ kind, keys, word, ...named }: StanzaCommand): Command {
  const command: Command = {
    ...named,
    isLocal: true,
    run: async (invocation) => {
      const [name, more] = invocation.args;
      if (name === undefined || more !== undefined) return unexpectedArguments(invocation, command);
      const misuse = kind === 'users' ? await credentialsMisuse(invocation) : await clusterMisuse(invocation);
      if (misuse !== undefined) return failure(misuse);
      const existed = await setStanza(invocation, kind, name, keys);
      if (!existed.ok) return existed;
      invocation.out(`${word} ${JSON.stringify(name)} set.\n`);
      return ok(undefined);
    },
  };
  return command;
}

/** Sets what the flags name in an entry; tells whether the entry was there before. */
async function setStanza(
  invocation: Invocation,
  kind: StanzaKind,
  name: string,
  keys: FlagKeys,
): Promise<Outcome<boolean>> {
  const files = await invocation.kubeconfigFiles();
  if (!files.ok) return files;
  const file = fileForStanza(files.value, kind, name);
  const before = file.config[kind].get(name);
  // A new server is one that is checked again, unless the same line says otherwise.
  const resets = kind === 'clusters' && invocation.flags.isSet('server');
  const changed = keys.filter(
    ([flag]) => invocation.flags.isSet(flag) || (resets && flag === 'insecure-skip-tls-verify'),
  );
  const after = changed.reduce(
    (stanza: JsonObject, [flag, key]) => withEntry(stanza, key, flagValue(invocation, flag)),
    before ?? (kind === 'contexts' ? { cluster: '', user: '' } : {}),
  );
  const fileFields = kind === 'users' ? ['client-certificate', 'client-key'] : ['certificate-authority'];
  const embedded = kind === 'contexts' ? after : await withEmbeddedFiles(after, invocation, fileFields);
  const plugged = kind === 'users' ? withPlugin(embedded, invocation) : ok(embedded);
  if (!plugged.ok) return plugged;
  const cleared = kind === 'users' ? withOneMethod(plugged.value, invocation) : plugged.value;
  await saveFile(invocation, file, withStanza(file.config, kind, name, cleared));
  return ok(before !== undefined);
}

async function clusterMisuse({ flags, host }: Invocation): Promise<string | undefined> {
  const path = flags.string('certificate-authority');
  if (flags.bool('insecure-skip-tls-verify') && path !== '')
    return 'you cannot specify a certificate authority and insecure mode at the same time';
  if (!flags.bool('embed-certs')) return undefined;
  if (path === '') return 'you must specify a --certificate-authority to embed';
  return (await host.readFile(path)) === undefined
    ? `could not stat certificate-authority file ${path}: stat ${path}: no such file or directory`
    : undefined;
}

/** A user shows who he is in one way: a token takes name and password away, and they take the token away. */
function withOneMethod(stanza: JsonObject, { flags }: Invocation): JsonObject {
  const setsToken = flags.isSet('token');
  const setsBasic = flags.isSet('username') || flags.isSet('password');
  if (!setsToken && !setsBasic) return stanza;
  const dropped = [...(setsToken ? [] : ['token']), ...(setsBasic ? [] : ['username', 'password'])];
  return Object.fromEntries(Object.entries(stanza).filter(([key]) => !dropped.includes(key)));
}

function flagValue(invocation: Invocation, flag: string): JsonValue {
  return flag === 'insecure-skip-tls-verify' ? invocation.flags.bool(flag) : invocation.flags.string(flag);
}

/** What a stanza leaves out when it is empty; a context always names its cluster and user. */
function withEntry(stanza: JsonObject, key: string, value: JsonValue): JsonObject {
  if ((value === '' || value === false) && key !== 'cluster' && key !== 'user') {
    return Object.fromEntries(Object.entries(stanza).filter(([name]) => name !== key));
  }
  return { ...stanza, [key]: value };
}
