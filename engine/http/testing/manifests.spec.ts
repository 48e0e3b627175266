/**
 * The example manifests of the Kubernetes documentation (fixtures/manifests, CC BY 4.0, unchanged): what kubectl prints for
 * each is the table fixtures/manifest-results.json, which says why one is refused. The newest binary and ours print the same.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { applyWithBinary, applyWithOurs, manifestPaths } from './apply-manifests.ts';
import { findKubectls, type LineResult } from './real-kubectl.ts';

interface ManifestResult extends LineResult {
  readonly path: string;
  /** Why it is refused. */
  readonly why?: string;
}

const longestMs = 240_000;
const newest = findKubectls().at(-1);
const table: readonly ManifestResult[] = JSON.parse(
  readFileSync(new URL('./fixtures/manifest-results.json', import.meta.url), 'utf8'),
);

it('has a row for every manifest, and a reason for every refusal', () => {
  expect(table.map(({ path }) => path)).toEqual(manifestPaths());
  expect(table.filter(({ exitCode, why }) => (exitCode === 0) !== (why === undefined))).toEqual([]);
});

it('applies with our kubectl as the table says', { timeout: longestMs }, async () => {
  expect(differences(await applyWithOurs())).toEqual([]);
});

it.skipIf(newest === undefined)(
  `applies with kubectl ${newest?.version ?? '(there is none)'} as the table says`,
  { timeout: longestMs },
  async () => {
    if (newest !== undefined) expect(differences(await applyWithBinary(newest))).toEqual([]);
  },
);

function differences(results: ReadonlyMap<string, LineResult>): readonly unknown[] {
  return table.flatMap(({ path, stdout, stderr, exitCode }) => {
    const wanted = { stdout, stderr, exitCode };
    const got = results.get(path);
    return JSON.stringify(got) === JSON.stringify(wanted) ? [] : [{ path, wanted, got }];
  });
}
