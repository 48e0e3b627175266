/**
 * Renews what kube-apiserver v1.36.0 answers to the exchanges, and only when it is asked to:
 * `KUBEDRILL_JUDGE=FOLDER npm run test:kubectl record-exchanges`. FOLDER holds the binaries `kube-apiserver` (built from
 * k8s.io/kubernetes v1.36.0) and `etcd`. With `KUBEDRILL_FLOWS=REGEXP` only the flows of such names are asked anew.
 */
import { expect, it } from 'vitest';
import { allFlows } from './exchanges/all-flows.ts';
import { readAnswers, writeAnswers } from './exchanges/recording.ts';
import { answersOfJudge } from './exchanges/run-flows.ts';

const binaries = process.env.KUBEDRILL_JUDGE;
const longestMs = 1_800_000;

it.skipIf(binaries === undefined)('records what kube-apiserver answers', { timeout: longestMs }, async () => {
  const flows = allFlows();
  const asked = new RegExp(process.env.KUBEDRILL_FLOWS ?? '');
  const kept = process.env.KUBEDRILL_FLOWS === undefined ? new Map() : readAnswers();
  const fresh = await answersOfJudge(
    binaries ?? '',
    flows.filter(({ name }) => asked.test(name)),
  );
  const answers = new Map(flows.map(({ name }) => [name, fresh.get(name) ?? kept.get(name) ?? []]));
  writeAnswers(answers);
  expect([...answers.values()].filter((answer) => answer.length === 0)).toEqual([]);
});
