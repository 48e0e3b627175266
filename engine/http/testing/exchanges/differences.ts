/** The requests that ours still answers otherwise, by flow: a list that only gets shorter. */
import { readFileSync, writeFileSync } from 'node:fs';
import { jsonEqual } from '../../../base/json.ts';
import type { Answers, Flow } from './exchange.ts';
import { maskAnswer } from './mask.ts';

/** Labels of requests by the name of their flow. */
export type Differences = Readonly<Record<string, readonly string[]>>;

const file = new URL('../fixtures/exchanges/differences.json', import.meta.url);

/** The requests of some flows that are known to be answered otherwise. */
export function knownDifferences(flows: readonly Flow[]): Differences {
  const all: Differences = JSON.parse(readFileSync(file, 'utf8'));
  return Object.fromEntries(
    flows.flatMap(({ name }) => (all[name] === undefined ? [] : [[name, all[name]]])),
  );
}

/** Puts the differences of all flows in place of those that are known. */
export function writeDifferences(differences: Differences): void {
  const lines = Object.entries(differences).map(
    ([name, labels]) =>
      ` ${JSON.stringify(name)}: [\n${labels.map((label) => `  ${JSON.stringify(label)}`).join(',\n')}\n ]`,
  );
  writeFileSync(file, `{\n${lines.join(',\n')}\n}\n`);
}

/** The differences that are not among others. */
export function withoutKnown(differences: Differences, known: Differences): Differences {
  return Object.fromEntries(
    Object.entries(differences).flatMap(([name, labels]) => {
      const listed = new Set(known[name]);
      const others = labels.filter((label) => !listed.has(label));
      return others.length === 0 ? [] : [[name, others]];
    }),
  );
}

/** Which requests of some flows two servers answer differently; one that is not recorded counts as answered otherwise. */
export function differencesOf(flows: readonly Flow[], recorded: Answers, ours: Answers): Differences {
  return Object.fromEntries(
    flows.flatMap(({ name, exchanges }) => {
      const sent = exchanges.map(({ path, body = '' }) => path + body).join(' ');
      const wanted = new Map(recorded.get(name) ?? []);
      const differing = (ours.get(name) ?? []).flatMap(([label, answer]) => {
        const want = wanted.get(label);
        return want !== undefined && jsonEqual(maskAnswer(want, sent), answer) ? [] : [label];
      });
      return differing.length === 0 ? [] : [[name, differing]];
    }),
  );
}
