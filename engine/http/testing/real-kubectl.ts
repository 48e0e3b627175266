/** The kubectl binaries that this machine has, and a served cluster for them to talk to. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Cluster } from '../../cluster.ts';
import { serveApi } from '../serve.ts';

/** One binary. */
export interface KubectlBinary {
  /** `1.33` */
  readonly version: string;
  readonly path: string;
}

/**
 * Where Google's package puts one binary for each version. The plain `kubectl` there is a dispatcher. KUBEDRILL_KUBECTLS
 * names another folder of such files, or `none`: all is then as on a machine without one.
 */
const folders = [
  process.env.KUBEDRILL_KUBECTLS ?? '',
  '/usr/lib/google-cloud-sdk/bin',
  '/usr/share/google-cloud-sdk/bin',
];

/** Every binary found, oldest first. */
export function findKubectls(): readonly KubectlBinary[] {
  if (process.env.KUBEDRILL_KUBECTLS === 'none') return [];
  const found = folders
    .filter((folder) => folder !== '' && existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => ({ name, path: join(folder, name) })))
    .flatMap(({ name, path }) => {
      const version = /^kubectl\.(1\.\d+)$/.exec(name)?.[1];
      return version === undefined ? [] : [{ version, path }];
    });
  return [...new Map(found.map((binary) => [binary.version, binary])).values()].sort(
    (a, b) => minor(a.version) - minor(b.version),
  );
}

/** `33` of `1.33`. */
export function minor(version: string): number {
  return Number(version.split('.')[1]);
}

/** What one line printed, and how it ended. */
export interface LineResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** A place where lines run as a person would type them: `kubectl` is a real one, its kubeconfig leads to the cluster. */
export interface RealKubectl {
  run(line: string, stdin?: string): Promise<LineResult>;
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  /** Lets the same server show another cluster, with the files as they were. */
  show(cluster: Cluster): void;
  close(): Promise<void>;
}

/** A command that hangs is ended. */
const longestMs = 20_000;

/** Serves a cluster whose clock is held, and puts a binary and files in place. */
export async function startRealKubectl(
  binary: KubectlBinary,
  first: Cluster,
  files: ReadonlyMap<string, string>,
): Promise<RealKubectl> {
  const folder = mkdtempSync(join(tmpdir(), 'kubedrill-kubectl-'));
  const bin = join(folder, 'bin');
  const work = join(folder, 'work');
  mkdirSync(bin);
  symlinkSync(binary.path, join(bin, 'kubectl'));
  const layFiles = () => {
    rmSync(work, { recursive: true, force: true });
    rmSync(join(folder, '.kube', 'kuberc'), { force: true });
    mkdirSync(work);
    for (const [name, text] of files) {
      const path = join(work, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text, { mode: 0o755 });
    }
  };
  layFiles();
  let shown = first;
  const kubeconfig = join(folder, 'config');
  const served = await serveApi(
    {
      send: (request) => shown.request(request),
      settle: () => void shown.settle(),
      advance: (ms) => void shown.advance(ms / 1000),
      now: () => shown.now(),
    },
    { kubeconfig, isFrozen: true },
  );
  if (!served.ok) throw new Error(served.error);
  const environment = {
    PATH: `${bin}:${process.env.PATH ?? ''}`,
    HOME: folder,
    KUBECONFIG: kubeconfig,
    LANG: 'C.UTF-8',
  };
  /** The folders as the simulated shell calls them. */
  const asTheLearner = (text: string) =>
    text
      .replaceAll(kubeconfig, '/home/learner/.kube/config')
      .replaceAll(work, '/home/learner')
      .replaceAll(folder, '/home/learner');
  return {
    environment,
    folder: work,
    show: (cluster) => {
      shown = cluster;
      layFiles();
    },
    run: (line, stdin = '') =>
      new Promise((resolve) => {
        const child = execFile(
          '/bin/bash',
          ['-c', line],
          { cwd: work, env: environment, timeout: longestMs, killSignal: 'SIGKILL' },
          (error, stdout, stderr) => {
            const code = error?.code;
            resolve({
              stdout: asTheLearner(stdout),
              stderr: asTheLearner(stderr),
              exitCode: typeof code === 'number' ? code : error === null ? 0 : -1,
            });
          },
        );
        // A line that ends at once has nobody left to read.
        child.stdin?.on('error', () => {});
        child.stdin?.end(stdin);
      }),
    async close() {
      await served.value.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
