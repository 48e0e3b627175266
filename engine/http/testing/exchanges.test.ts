/**
 * What kube-apiserver v1.36.0 answered to flows of requests (`fixtures/exchanges`), and what ours answers. Those that are made
 * for each kind, some 19,000, are in exchanges.spec.ts. `record-exchanges.spec.ts` renews the recording.
 */
import { expect, it } from 'vitest';
import { differencesOf, knownDifferences, withoutKnown } from './exchanges/differences.ts';
import { readAnswers } from './exchanges/recording.ts';
import { answersOfOurs } from './exchanges/run-flows.ts';
import { writtenFlows } from './exchanges/written-flows.ts';

it('answers as a real kube-apiserver, but for the requests that are listed', async () => {
  const flows = writtenFlows();
  const ours = await answersOfOurs(flows);
  const differences = differencesOf(flows, readAnswers(), ours);
  expect(withoutKnown(differences, knownDifferences(flows))).toEqual({});
});
