/** Puts names in the place of what a server chooses by chance or by the clock. */
import { isJsonObject, type JsonObject, type JsonValue } from '../../../base/json.ts';
import type { Answer } from './exchange.ts';

const patterns: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, 'UID'],
  [/\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/g, 'TIME'],
  [/\b10\.96\.\d+\.\d+\b/g, 'CLUSTER-IP'],
  [/\bkube-api-access-[a-z0-9]{5}\b/g, 'kube-api-access-RANDOM'],
  [/(in record \()\d+/g, '$1N'],
  [/(\\*"resourceVersion\\*":\\*")\d+/g, '$1N'],
  [
    /((?:[Rr]esource ?[Vv]ersion: ?|current: |resource version:? |mismatch: |too old resource version: )"?)\d+( \(\d+\))?/g,
    '$1N',
  ],
];

/**
 * Where the scheme of types was made, as a program tells it that is built from the modules' folders instead of the repository
 * of a release.
 */
const placeOfScheme = 'pkg/runtime/scheme.go:111';

/** `sent` is the text of all requests of the flow: what a client chose itself is kept. */
export function maskAnswer(answer: Answer, sent: string): Answer {
  return {
    ...answer,
    ...(answer.warnings === undefined
      ? {}
      : { warnings: answer.warnings.map((text) => maskText(text, sent)) }),
    body: maskGenerated(maskValue(answer.body, sent)),
  };
}

/** A name that a server has made of a beginning stands in labels, too. */
function maskGenerated(body: JsonValue): JsonValue {
  const { generateName } = isJsonObject(body) && isJsonObject(body.metadata) ? body.metadata : {};
  if (typeof generateName !== 'string') return body;
  const made = new RegExp(`"${generateName}[a-z0-9]{5}"`, 'g');
  return JSON.parse(JSON.stringify(body).replaceAll(made, JSON.stringify(`${generateName}RANDOM`)));
}

function maskText(text: string, sent: string): string {
  return patterns.reduce(
    (masked, [pattern, name]) =>
      masked.replaceAll(pattern, (found: string, ...rest: unknown[]) => {
        if (!name.includes('$1')) return sent.includes(found) ? found : name;
        return typeof rest[0] === 'string' ? `${rest[0]}N` : name;
      }),
    text.replaceAll(placeOfScheme, 'pkg/api/legacyscheme/scheme.go:30'),
  );
}

function maskValue(value: JsonValue, sent: string): JsonValue {
  if (typeof value === 'string') return maskText(value, sent);
  if (Array.isArray(value)) return value.map((item) => maskValue(item, sent));
  return isJsonObject(value) ? maskObject(value, sent) : value;
}

function maskObject(object: JsonObject, sent: string): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]): [string, JsonValue] => {
      if (key === 'resourceVersion' && typeof value === 'string')
        return [key, /^[1-9]/.test(value) ? 'N' : value];
      if (key === 'continue' && typeof value === 'string') return [key, value === '' ? '' : 'TOKEN'];
      if ((key === 'nodePort' || key === 'healthCheckNodePort') && typeof value === 'number') {
        return [key, value === 0 || sent.includes(String(value)) ? value : 'PORT'];
      }
      // Ours are in our own words.
      if (key === 'columnDefinitions' && Array.isArray(value)) return [key, value.map(withoutDescription)];
      if (key === 'rows' && Array.isArray(value))
        return [key, value.map((row) => maskValue(withoutAges(row), sent))];
      if (key === 'metadata' && isJsonObject(value)) return [key, maskName(maskObject(value, sent))];
      return [key, maskValue(value, sent)];
    }),
  );
}

/** How old something is tells how fast the machine was. */
function withoutAges(row: JsonValue): JsonValue {
  if (!isJsonObject(row) || !Array.isArray(row.cells)) return row;
  const cells = row.cells.map((cell: JsonValue) =>
    typeof cell === 'string' && /^\d+m?s$/.test(cell) ? 'AGE' : cell,
  );
  return { ...row, cells };
}

function withoutDescription(column: JsonValue): JsonValue {
  if (!isJsonObject(column)) return column;
  return Object.fromEntries(Object.entries(column).filter(([key]) => key !== 'description'));
}

function maskName(metadata: JsonObject): JsonObject {
  const { generateName, name } = metadata;
  if (typeof generateName !== 'string' || typeof name !== 'string') return metadata;
  return name.startsWith(generateName) ? { ...metadata, name: `${generateName}RANDOM` } : metadata;
}
