/** What a real kube-apiserver answered, kept for machines without one. */
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Answer, Answers } from './exchange.ts';

const file = new URL('../fixtures/exchanges/answers.json.gz', import.meta.url);

/** The recorded answers. */
export function readAnswers(): Answers {
  const entries: readonly (readonly [string, readonly (readonly [string, Answer])[]])[] = JSON.parse(
    gunzipSync(readFileSync(file)).toString('utf8'),
  );
  return new Map(entries);
}

/** Puts new answers in place of the recorded ones. */
export function writeAnswers(answers: Answers): void {
  writeFileSync(file, gzipSync(JSON.stringify([...answers]), { level: 9 }));
}
