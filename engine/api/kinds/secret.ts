/**
 * Secrets. Source: ValidateSecret in pkg/apis/core/validation/validation.go, SetDefaults_Secret, printSecret.
 */
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { parseGoJson } from '../decode/go-json.ts';
import { invalid, required, tooLong } from '../field-errors.ts';
import { asJson, has, struct, text, textMap, withDefaults, without } from '../read.ts';
import type { FieldError, KindDefinition } from '../scheme.ts';
import { checkConfigMapKey } from '../validation/names.ts';
import { validateImmutable } from '../validation/object-meta.ts';
import { decodedLength, maxDataBytes, validateUnchanged } from './config-map.ts';
import { age, ageColumn, column, defineKind, nameColumn } from './define.ts';

/** core/v1 Secret. */
export const secretKind: KindDefinition = defineKind({
  kind: 'Secret',
  plural: 'secrets',
  schema: 'V1Secret',
  applyDefaults: (secret) => withDefaults(mergeStringData(secret), { type: 'Opaque' }),
  validateRest: validateSecret,
  changedMeta: ['changed', 'new'],
  validateChange: (secret, old) => [
    ...validateImmutable('type', secret.type, asJson(old).type, secret.type),
    ...validateUnchanged(secret, old, ['data']),
    ...validateSecret(secret),
  ],
  columns: [
    nameColumn,
    column('Type', 'string', 'What it is for.'),
    column('Data', 'string', 'How many entries it has.'),
    ageColumn,
  ],
  row: (object, nowMs) => {
    const secret = asJson(object);
    return [object.metadata.name, text(secret, 'type'), textMap(secret, 'data').size, age(object, nowMs)];
  },
  selectableFields: (secret) => ({ type: text(asJson(secret), 'type') }),
});

/** `stringData` is a way to write `data`; it is never stored. Source: Convert_v1_Secret_To_core_Secret. */
function mergeStringData(secret: JsonObject): JsonObject {
  if (!has(secret, 'stringData')) return secret;
  const encoded = [...textMap(secret, 'stringData')].map(
    ([key, value]) => [key, encodeBase64(value)] as const,
  );
  return {
    ...without(secret, 'stringData'),
    ...(encoded.length === 0 ? {} : { data: { ...struct(secret, 'data'), ...Object.fromEntries(encoded) } }),
  };
}

function encodeBase64(value: string): string {
  return Buffer.from(value, 'utf8').toString('base64');
}

function validateSecret(secret: JsonObject): FieldError[] {
  const data = textMap(secret, 'data');
  const errors = [...data.keys()].flatMap((key) =>
    checkConfigMapKey(key).map((problem) => invalid(`data[${key}]`, key, problem)),
  );
  const total = [...data.values()].reduce((sum, value) => sum + decodedLength(value), 0);
  if (total > maxDataBytes) errors.push(tooLong('data', maxDataBytes));
  return [...errors, ...validateByType(secret, data)];
}

function validateByType(secret: JsonObject, data: ReadonlyMap<string, string>): FieldError[] {
  const missing = (keys: readonly string[]) =>
    keys.filter((key) => !data.has(key)).map((key) => required(`data[${key}]`));
  switch (text(secret, 'type')) {
    case 'kubernetes.io/service-account-token': {
      const key = 'kubernetes.io/service-account.name';
      const name = textMap(struct(secret, 'metadata'), 'annotations').get(key) ?? '';
      return name === '' ? [required(`metadata.annotations[${key}]`)] : [];
    }
    case 'kubernetes.io/dockercfg':
      return [...missing(['.dockercfg']), ...validateJson(data, '.dockercfg')];
    case 'kubernetes.io/dockerconfigjson':
      return [...missing(['.dockerconfigjson']), ...validateJson(data, '.dockerconfigjson')];
    case 'kubernetes.io/basic-auth':
      return data.has('username') || data.has('password') ? [] : missing(['username', 'password']);
    case 'kubernetes.io/ssh-auth':
      return (data.get('ssh-privatekey') ?? '') === '' ? [required('data[ssh-privatekey]')] : [];
    case 'kubernetes.io/tls':
      return missing(['tls.crt', 'tls.key']);
    default:
      return [];
  }
}

function validateJson(data: ReadonlyMap<string, string>, key: string): FieldError[] {
  const value = data.get(key);
  if (value === undefined) return [];
  const parsed = parseGoJson(Buffer.from(value, 'base64').toString('utf8'));
  const hidden = '<secret contents redacted>';
  if (!parsed.ok) return [invalid(`data[${key}]`, hidden, parsed.error)];
  if (isJsonObject(parsed.value.value)) return [];
  const found = Array.isArray(parsed.value.value) ? 'array' : typeof parsed.value.value;
  const detail = `json: cannot unmarshal ${found} into Go value of type map[string]interface {}`;
  return [invalid(`data[${key}]`, hidden, detail)];
}
