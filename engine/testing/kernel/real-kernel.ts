/**
 * The kernel of this machine as judge: network namespaces inside a set of namespaces of their own, which end with the
 * process that holds them, with everything in them. Nothing of this machine's own network is seen or changed from there.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A try at a connection: from a namespace to an address. */
export interface FlowRequest {
  readonly netns: string;
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
  readonly timeoutMs: number;
}

/** What came of it: `connected`, or the error as errno(3) names it. Where it arrived is known only if it did. */
export interface FlowResult {
  readonly outcome: string;
  readonly at?: string;
  readonly port?: number;
  /** The address that the other side saw. */
  readonly source?: string;
}

interface Listener {
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
}

/** Namespaces of the real kernel. */
export interface RealKernel {
  /** Runs a shell script with `-eu`. @throws Error with what it printed when it fails. */
  shell(script: string): Promise<string>;
  /** Opens the sockets of a namespace. */
  listen(netns: string, listeners: readonly Listener[]): Promise<void>;
  flow(request: FlowRequest): Promise<FlowResult>;
  close(): Promise<void>;
}

const enter = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** Why this machine can't be the judge, in one line; undefined when it can. */
export function findObstacle(): string | undefined {
  if (process.platform !== 'linux') return `it needs Linux, this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'it needs root';
  for (const tool of ['unshare', 'ip', 'iptables-restore', 'mount', 'sysctl']) {
    if (spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0) return `${tool} is not installed`;
  }
  const script =
    'ip link add probe0 type bridge && sysctl -n net.bridge.bridge-nf-call-iptables && iptables-restore </dev/null';
  const tried = spawnSync('unshare', [...enter, 'sh', '-ec', script], { encoding: 'utf8' });
  return tried.status === 0 ? undefined : `the kernel refuses: ${tried.stderr.trim().split('\n').at(-1)}`;
}

/** Whether sets of addresses can be made here; they are no part of iptables. */
export function hasIpset(): boolean {
  return spawnSync('unshare', [...enter, 'ipset', 'create', 'probe', 'hash:net']).status === 0;
}

/** Starts a process that holds namespaces of its own. */
export function startRealKernel(): RealKernel {
  const controller = fileURLToPath(new URL('./controller.mjs', import.meta.url));
  const prepare = 'mkdir -p /run/netns && mount -t tmpfs none /run/netns && exec "$0" "$1"';
  const child = spawn('unshare', [...enter, 'sh', '-ec', prepare, process.execPath, controller], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting = new Map<number, (answer: Record<string, unknown>) => void>();
  let nextId = 1;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer: Record<string, unknown> = JSON.parse(line);
    const id = Number(answer.id);
    waiting.get(id)?.(answer);
    waiting.delete(id);
  });
  const ask = (request: object): Promise<Record<string, unknown>> =>
    new Promise((resolve, reject) => {
      const id = nextId;
      nextId += 1;
      waiting.set(id, resolve);
      child.stdin.write(`${JSON.stringify({ id, ...request })}\n`, (error) => error && reject(error));
    });
  return {
    async shell(script) {
      const { code, stdout, stderr } = await ask({ do: 'shell', script });
      if (code !== 0) throw new Error(`exit code ${code} of\n${script}\n${stderr}`);
      return String(stdout);
    },
    async listen(netns, listeners) {
      const { error } = await ask({ do: 'agent', netns, listeners });
      if (error !== undefined) throw new Error(`${netns}: ${error}`);
    },
    async flow(request) {
      const { outcome, at, port, source } = await ask({ do: 'flow', ...request });
      return {
        outcome: String(outcome),
        ...(typeof at === 'string' ? { at } : {}),
        ...(typeof port === 'number' ? { port } : {}),
        ...(typeof source === 'string' ? { source } : {}),
      };
    },
    close: () => end(child),
  };
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) resolve();
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
