/** Runs all flows, on a real kube-apiserver or on ours. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDoor } from '../../../control-plane/apiserver/testing/test-door.ts';
import { serveApi } from '../../serve.ts';
import type { Answers, Flow } from './exchange.ts';
import { startJudge } from './judge.ts';
import { sendFlow } from './send.ts';

/** Starts the binaries of a folder and asks them. */
export async function answersOfJudge(binaries: string, flows: readonly Flow[]): Promise<Answers> {
  const judge = await startJudge(binaries);
  try {
    const answers = new Map<string, Awaited<ReturnType<typeof sendFlow>>>();
    for (const flow of flows) {
      console.log(flow.name, new Date().toISOString());
      answers.set(flow.name, await sendFlow(judge, flow));
    }
    return answers;
  } finally {
    judge.stop();
  }
}

/** Asks our API server over HTTP: no controllers and no nodes are behind it, as behind the judge. */
export async function answersOfOurs(flows: readonly Flow[]): Promise<Answers> {
  const home = mkdtempSync(join(tmpdir(), 'kubedrill-exchanges-'));
  const kubeconfig = join(home, 'config');
  const first = createTestDoor();
  let door = first;
  const served = await serveApi(
    {
      send: (request) => door.transport.send(request),
      settle() {},
      advance() {},
      now: () => door.queue.now(),
    },
    { kubeconfig, isFrozen: true },
  );
  if (!served.ok) throw new Error(served.error);
  const token = /token: (\S+)/.exec(readFileSync(kubeconfig, 'utf8'))?.[1] ?? '';
  const endpoint = { port: Number(new URL(served.value.url).port), token, watchMs: 50 };
  try {
    const answers = new Map<string, Awaited<ReturnType<typeof sendFlow>>>();
    for (const flow of flows) {
      door = first.fork();
      answers.set(flow.name, await sendFlow(endpoint, flow));
    }
    return answers;
  } finally {
    await served.value.close();
    rmSync(home, { recursive: true, force: true });
  }
}
