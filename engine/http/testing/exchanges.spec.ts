/**
 * What kube-apiserver v1.36.0 answered to the requests that are made for each kind, and what ours answers. With
 * `KUBEDRILL_DIFFERENCES=FILE` the differences are written there in full, one a line, and the list of those that are known is
 * put in order; `KUBEDRILL_FLOWS=REGEXP` looks at the flows of such names only.
 */
import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { allFlows } from './exchanges/all-flows.ts';
import { differencesOf, knownDifferences, withoutKnown, writeDifferences } from './exchanges/differences.ts';
import { readAnswers } from './exchanges/recording.ts';
import { answersOfOurs } from './exchanges/run-flows.ts';

const longestMs = 900_000;
const file = process.env.KUBEDRILL_DIFFERENCES;
const asked = process.env.KUBEDRILL_FLOWS;

it('answers as a real kube-apiserver, but for the requests that are listed', {
  timeout: longestMs,
}, async () => {
  const flows = allFlows().filter(({ name }) => new RegExp(asked ?? '').test(name));
  const recorded = readAnswers();
  const ours = await answersOfOurs(flows);
  const differences = differencesOf(flows, recorded, ours);
  if (file === undefined) {
    return expect(withoutKnown(differences, knownDifferences(flows))).toEqual({});
  }
  const lines = flows.flatMap(({ name, exchanges }) => {
    const [wanted, have] = [new Map(recorded.get(name) ?? []), new Map(ours.get(name) ?? [])];
    return exchanges
      .filter(({ label }) => differences[name]?.includes(label) === true)
      .map((exchange) =>
        JSON.stringify({
          flow: name,
          label: exchange.label,
          request: exchange,
          want: wanted.get(exchange.label),
          have: have.get(exchange.label),
        }),
      );
  });
  writeFileSync(file, `${lines.join('\n')}\n`);
  if (asked === undefined) writeDifferences(differences);
  return undefined;
});
