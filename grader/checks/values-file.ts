/** Files of role `values`: one YAML map from keys to what was written down, every value taken as the text it was typed as. */
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import type { AnswerProblem } from '../exercise/result.ts';
import { findManifestSlip } from '../runner/manifest-slips.ts';

/**
 * The values by key. Text stays text (`0.50`, `007` and `1e3` are not numbers here, as container ids may look like them).
 * What is no plain value is left out; a file that is no map has none.
 */
export function readValues(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const contents = parse(text)?.contents;
  if (!isMap(contents)) return values;
  for (const { key, value } of contents.items) {
    if (isScalar(key) && isScalar(value)) values.set(String(key.value), String(value.value ?? '').trim());
  }
  return values;
}

/** Why a file gives no values: the first place that is not YAML, or that it is no map. A file with nothing in it is fine. */
export function findValuesProblem(file: string, text: string): AnswerProblem | undefined {
  const lineCounter = new LineCounter();
  const document = parse(text, lineCounter);
  const [error] = document?.errors ?? [];
  if (error !== undefined) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    const placed = findManifestSlip(text);
    if (placed !== undefined) return { code: 'broken-manifest', file, ...placed, message: '' };
    const message = error.message;
    return { code: 'broken-manifest', file, line: Math.max(1, line), column: Math.max(1, col), message };
  }
  const contents = document?.contents;
  if (document !== undefined && (contents === null || isMap(contents))) return undefined;
  if (isScalar(contents) && contents.value === '') return undefined;
  return { code: 'file-unreadable', file, why: notAMap };
}

const notAMap = {
  ko: '`key: value` 꼴의 줄이 아닙니다: 키마다 한 줄씩 쓰세요',
  en: 'it does not hold lines of the form `key: value`: write one for each key',
};

/** Undefined for what nests far past a map of plain values: a parser that runs out of stack can end the whole process. */
function parse(text: string, lineCounter?: LineCounter) {
  const brackets = text.match(/[[{]/g)?.length ?? 0;
  if (brackets > maxLevels || /^[ \t?:-]{100}/m.test(text)) return undefined;
  return parseDocument(text, {
    schema: 'failsafe',
    prettyErrors: false,
    ...(lineCounter === undefined ? {} : { lineCounter }),
  });
}

/** A plain value nests in no list and no map; what a learner tries out may. */
const maxLevels = 100;
