/** What `kubectl apply -f` answers for each of the documentation's example manifests, each on a cluster of its own. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Cluster, createCluster } from '../../cluster.ts';
import { serveApi } from '../serve.ts';
import type { KubectlBinary, LineResult } from './real-kubectl.ts';

const folder = fileURLToPath(new URL('./fixtures/manifests', import.meta.url));

/** Paths of all manifests, in order, as they stand in their folder. */
export function manifestPaths(): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ya?ml|json)$/.test(path))
    .sort();
}

/** Applies every manifest with a real binary. */
export async function applyWithBinary(binary: KubectlBinary): Promise<ReadonlyMap<string, LineResult>> {
  const first = createCluster({ seed: 'manifests' });
  let shown = first;
  const home = mkdtempSync(join(tmpdir(), 'kubedrill-manifests-'));
  const kubeconfig = join(home, 'config');
  const served = await serveApi(
    {
      send: (request) => shown.request(request),
      // What becomes of the objects is not asked.
      settle() {},
      advance() {},
      now: () => shown.now(),
    },
    { kubeconfig, isFrozen: true },
  );
  if (!served.ok) throw new Error(served.error);
  const results = new Map<string, LineResult>();
  try {
    for (const path of manifestPaths()) {
      shown = first.fork();
      results.set(
        path,
        await run(binary.path, ['apply', '-f', path], { HOME: home, KUBECONFIG: kubeconfig }),
      );
    }
  } finally {
    await served.value.close();
    rmSync(home, { recursive: true, force: true });
  }
  return results;
}

/** Applies every manifest with the kubectl of the built-in shell. */
export async function applyWithOurs(): Promise<ReadonlyMap<string, LineResult>> {
  const first: Cluster = createCluster({ seed: 'manifests' });
  const results = new Map<string, LineResult>();
  for (const path of manifestPaths()) {
    const text = readFileSync(join(folder, path), 'utf8');
    const shell = await first.fork().openShell({ files: new Map([[path, text]]) });
    const { stdout, stderr, exitCode } = await shell.run(`kubectl apply -f ${path}`);
    results.set(path, { stdout, stderr, exitCode });
  }
  return results;
}

function run(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<LineResult> {
  return new Promise((resolve) => {
    execFile(file, args, { cwd: folder, env: { ...env }, timeout: 20_000 }, (error, stdout, stderr) => {
      const code = error?.code;
      resolve({ stdout, stderr, exitCode: typeof code === 'number' ? code : error === null ? 0 : -1 });
    });
  });
}
