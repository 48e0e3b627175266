/** The lines of all worlds through a real kubectl, and through ours. */
import { comparable } from './compare.ts';
import { type KubectlBinary, type LineResult, startRealKubectl } from './real-kubectl.ts';
import { prepareWorld, readWorlds, type World } from './worlds.ts';

/** Results by world and line: `web: kubectl get pods`. */
export type WorldResults = ReadonlyMap<string, LineResult>;

/** As many binaries run at once: each is a process of its own. */
const workers = 3;

/** Runs every line with a binary, or those that are wanted. */
export function runWithBinary(
  binary: KubectlBinary,
  isWanted: (line: string) => boolean = () => true,
): Promise<WorldResults> {
  return runWorlds(workers, async (world, add) => {
    const lines = world.lines.filter((line) => isWanted(`${world.name}: ${line}`));
    if (lines.length === 0) return;
    const prepared = await prepareWorld(world);
    const kubectl = await startRealKubectl(binary, prepared, world.files);
    await kubectl.run('kubectl config rename-context kubedrill kubernetes-admin@kubedrill');
    const config = await kubectl.run('cat "$KUBECONFIG"');
    try {
      for (const line of lines) {
        kubectl.show(prepared.fork());
        add(line, await kubectl.run(line));
        // `kubectl config` changes the file that all lines share.
        if (line.includes('kubectl config')) await kubectl.run('cat > "$KUBECONFIG"', config.stdout);
      }
    } finally {
      await kubectl.close();
    }
  });
}

/** Runs every line with the kubectl of the built-in shell. */
export function runWithOurs(): Promise<WorldResults> {
  return runWorlds(1, async (world, add) => {
    const prepared = await prepareWorld(world);
    for (const line of world.lines) {
      const shell = await prepared.fork().openShell({ files: world.files });
      const { stdout, stderr, exitCode } = await shell.run(line);
      add(line, { stdout, stderr, exitCode });
    }
  });
}

type RunWorld = (world: World, add: (line: string, result: LineResult) => void) => Promise<void>;

async function runWorlds(count: number, run: RunWorld): Promise<WorldResults> {
  const worlds = [...readWorlds()];
  const results = new Map<string, LineResult>();
  const work = async () => {
    for (let world = worlds.shift(); world !== undefined; world = worlds.shift()) {
      const { name } = world;
      await run(world, (line, result) => results.set(`${name}: ${line}`, comparable(result)));
    }
  };
  await Promise.all(Array.from({ length: count }, work));
  return results;
}
