/** `kubectl config view`: the files as one, secrets hidden. */

import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import { outputFlags } from '../cli/flags.ts';
import { type Kubeconfig, kubeconfigDocument, type StanzaKind } from '../config/kubeconfig.ts';
import { failure, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { objectPrinter } from '../printers/output-format.ts';
import { formatInOrder } from '../printers/typed-object.ts';
import { formatYaml } from '../printers/yaml.ts';
import { objectAt, objectsAt, stringAt } from '../rest/object-fields.ts';

export const viewCommand: Command = {
  name: 'view',
  usage: '[flags]',
  short: 'Display merged kubeconfig settings or a specified kubeconfig file',
  isLocal: true,
  flags: [
    ...outputFlags.map((flag) => (flag.name === 'output' ? { ...flag, initial: 'yaml' } : flag)),
    {
      name: 'flatten',
      type: 'bool',
      initial: 'false',
      usage: 'Puts the contents of named files in their place.',
    },
    { name: 'merge', type: 'bool', initial: 'true', usage: 'Merges several files.' },
    { name: 'minify', type: 'bool', initial: 'false', usage: 'Only what the current context uses.' },
    { name: 'raw', type: 'bool', initial: 'false', usage: 'Shows keys and tokens.' },
  ],
  run: runView,
};

async function runView(invocation: Invocation): Promise<Outcome<void>> {
  const { flags } = invocation;
  if (invocation.args.length > 0)
    return invocation.usageFailure(`unexpected arguments: [${invocation.args.join(' ')}]`);
  const config = await invocation.kubeconfig();
  if (!config.ok) return config;
  const shown = flags.bool('minify') ? minify(config.value, flags.string('context')) : ok(config.value);
  if (!shown.ok) return shown;
  const document = flags.bool('raw')
    ? kubeconfigDocument(shown.value)
    : redact(kubeconfigDocument(shown.value));
  const printer = await objectPrinter(flags, invocation.host, false);
  if (!printer.ok) return printer;
  const format = flags.string('output').toLowerCase();
  const isInOrder = format === 'json' || format === 'kyaml';
  const text = isInOrder
    ? ok(formatInOrder(inFieldOrder(document), format))
    : (printer.value?.(document, 0) ?? ok(formatYaml(document)));
  if (!text.ok) return text;
  invocation.out(text.value);
  return ok(undefined);
}

/** The fields of the document as clientcmd's structs have them. Source: client-go clientcmd/api/v1, types.go. */
const fieldOrder: readonly string[] = [
  'kind',
  'apiVersion',
  'clusters',
  'users',
  'contexts',
  'current-context',
  'name',
  'cluster',
  'server',
  'tls-server-name',
  'insecure-skip-tls-verify',
  'certificate-authority',
  'certificate-authority-data',
  'client-certificate',
  'client-certificate-data',
  'client-key',
  'client-key-data',
  'token',
  'user',
  'username',
  'password',
  'namespace',
];

function inFieldOrder(value: JsonObject): JsonObject {
  const rank = (key: string) => (fieldOrder.includes(key) ? fieldOrder.indexOf(key) : fieldOrder.length);
  const keys = Object.keys(value).sort((a, b) => rank(a) - rank(b));
  return Object.fromEntries(keys.map((key) => [key, orderInside(value[key] ?? null)]));
}

function orderInside(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(orderInside);
  return isJsonObject(value) ? inFieldOrder(value) : value;
}

function minify(config: Kubeconfig, named: string): Outcome<Kubeconfig> {
  const current = named || config.currentContext;
  if (current === '') return failure('current-context must exist in order to minify');
  const context = config.contexts.get(current);
  if (context === undefined) return failure(`cannot locate context ${current}`);
  const only = (kind: StanzaKind, name: string) => new Map([...config[kind]].filter(([key]) => key === name));
  return ok({
    clusters: only('clusters', stringAt(context, 'cluster')),
    contexts: only('contexts', current),
    users: only('users', stringAt(context, 'user')),
    currentContext: current,
  });
}

/** Source: client-go clientcmd, ShortenConfig and RedactSecrets. */
function redact(document: JsonObject): JsonObject {
  const shorten = (kind: StanzaKind, field: string) =>
    document[kind] === null
      ? null
      : objectsAt(document, kind).map((entry) => ({
          ...entry,
          [field]: redactValue(objectAt(entry, field)),
        }));
  return { ...document, clusters: shorten('clusters', 'cluster'), users: shorten('users', 'user') };
}

function redactValue(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (key.endsWith('-data')) return [key, 'DATA+OMITTED'];
      return key === 'token' || key === 'password' ? [key, 'REDACTED'] : [key, inner];
    }),
  );
}
