/** `kubectl config set` and `unset`: single values by a path such as `contexts.dev.namespace`. */
import type { JsonObject, JsonValue } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import { formatHelp } from '../cli/help.ts';
import { fileForCurrentContext, fileForStanza, type StanzaKind, withStanza } from '../config/kubeconfig.ts';
import { failure, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { saveFile } from './config-files.ts';

/** The values that entries may hold. Source: client-go clientcmd/api, types.go. */
const knownKeys: Readonly<Record<StanzaKind, readonly string[]>> = {
  clusters: [
    'server',
    'tls-server-name',
    'insecure-skip-tls-verify',
    'certificate-authority',
    'certificate-authority-data',
    'proxy-url',
    'disable-compression',
  ],
  contexts: ['cluster', 'user', 'namespace'],
  users: [
    'client-certificate',
    'client-certificate-data',
    'client-key',
    'client-key-data',
    'token',
    'tokenFile',
    'username',
    'password',
  ],
};
const booleanKeys: readonly string[] = ['insecure-skip-tls-verify', 'disable-compression'];

export const setCommand: Command = {
  name: 'set',
  usage: 'PROPERTY_NAME PROPERTY_VALUE',
  short: 'Set an individual value in a kubeconfig file',
  isLocal: true,
  flags: [
    { name: 'set-raw-bytes', type: 'bool', initial: 'false', usage: 'Takes a []byte value as it stands.' },
  ],
  run: async (invocation) => {
    const [path, value, more] = invocation.args;
    if (path === undefined || value === undefined || more !== undefined)
      return wrongArguments(invocation, setCommand);
    const changed = await change(invocation, path, value);
    if (!changed.ok) return changed;
    invocation.out(`Property ${JSON.stringify(path)} set.\n`);
    return ok(undefined);
  },
};

export const unsetCommand: Command = {
  name: 'unset',
  usage: 'PROPERTY_NAME',
  short: 'Unset an individual value in a kubeconfig file',
  isLocal: true,
  flags: [],
  run: async (invocation) => {
    const [path, more] = invocation.args;
    if (path === undefined || more !== undefined) return wrongArguments(invocation, unsetCommand);
    const changed = await change(invocation, path, undefined);
    if (!changed.ok) return changed;
    invocation.out(`Property ${JSON.stringify(path)} unset.\n`);
    return ok(undefined);
  },
};

function wrongArguments(invocation: Invocation, command: Command): ReturnType<typeof failure> {
  invocation.out(formatHelp(command, invocation.path));
  return failure(`Unexpected args: [${invocation.args.join(' ')}]`);
}

async function change(
  invocation: Invocation,
  path: string,
  value: string | undefined,
): Promise<Outcome<void>> {
  const files = await invocation.kubeconfigFiles();
  if (!files.ok) return files;
  if (path === 'current-context') {
    const file = fileForCurrentContext(files.value);
    await saveFile(invocation, file, { ...file.config, currentContext: value ?? '' });
    return ok(undefined);
  }
  if (value === undefined && isStanzaKind(path)) {
    for (const file of files.value) {
      if (file.config[path].size > 0) await saveFile(invocation, file, { ...file.config, [path]: new Map() });
    }
    return ok(undefined);
  }
  const target = parsePath(path);
  if (!target.ok) return target;
  const { kind, name, key } = target.value;
  const file = fileForStanza(files.value, kind, name);
  const before = file.config[kind].get(name);
  if (key === '') {
    if (value !== undefined) return failure(`can't set a map to a value: ${path}`);
    await saveFile(invocation, file, withStanza(file.config, kind, name, undefined));
    return ok(undefined);
  }
  if (value === undefined && before === undefined) return failure(`current map key \`${name}\` is invalid`);
  const typed = value === undefined ? ok(undefined) : typedValue(key, value);
  if (!typed.ok) return typed;
  const empty: JsonObject = kind === 'contexts' ? { cluster: '', user: '' } : {};
  const after = withKey(before ?? empty, key, typed.value);
  await saveFile(invocation, file, withStanza(file.config, kind, name, after));
  return ok(undefined);
}

function typedValue(key: string, value: string): Outcome<JsonValue> {
  if (!booleanKeys.includes(key)) return ok(value);
  if (/^(?:1|t|T|true|TRUE|True)$/.test(value)) return ok(true);
  if (/^(?:0|f|F|false|FALSE|False)$/.test(value)) return ok(false);
  return failure(`strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`);
}

function withKey(stanza: JsonObject, key: string, value: JsonValue | undefined): JsonObject {
  const others = Object.fromEntries(Object.entries(stanza).filter(([name]) => name !== key));
  if (value === undefined || value === '' || value === false)
    return key === 'cluster' || key === 'user' ? { ...others, [key]: '' } : others;
  return { ...others, [key]: value };
}

interface PropertyPath {
  readonly kind: StanzaKind;
  readonly name: string;
  /** Empty when the entry itself is meant. */
  readonly key: string;
}

function isStanzaKind(word: string): word is StanzaKind {
  return word === 'clusters' || word === 'contexts' || word === 'users';
}

/** Names may hold dots, so the first part that is a known key ends the name. */
function parsePath(path: string): Outcome<PropertyPath> {
  const [first = '', ...parts] = path.split('.');
  if (!isStanzaKind(first)) {
    return failure(`unable to parse ${path} after [] at api.Config`);
  }
  if (parts.length === 0) return failure(`unable to parse one or more field values of ${path}`);
  const at = parts.findIndex((part, index) => index > 0 && knownKeys[first].includes(part));
  if (at < 0) return ok({ kind: first, name: parts.join('.'), key: '' });
  if (at < parts.length - 1) return failure(`unable to parse one or more field values of ${path}`);
  return ok({ kind: first, name: parts.slice(0, at).join('.'), key: parts[at] ?? '' });
}
