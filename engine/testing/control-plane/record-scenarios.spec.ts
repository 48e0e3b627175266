/**
 * Records what a real control plane makes of the scripts, and only when it is asked to:
 * `KUBEDRILL_CONTROL_PLANE=http://127.0.0.1:8001 npm run test:kubectl record-scenarios`. The address is that of a
 * `kubectl proxy` to etcd, kube-apiserver (`--disable-admission-plugins=ServiceAccount`), kube-scheduler and
 * kube-controller-manager (`--node-monitor-grace-period=24h`) v1.36.0, built from k8s.io/kubernetes and started alone: there are
 * no kubelets, and the nodes are copies of ours.
 */
import { writeFileSync } from 'node:fs';
import { describe, it } from 'vitest';
import { openRealDoor } from './doors.ts';
import { fixturePath } from './recording.ts';
import { runScenario, type Scenario } from './scenario.ts';
import { scenarios } from './scenarios.ts';

const url = process.env.KUBEDRILL_CONTROL_PLANE ?? '';

async function record(scenario: Scenario): Promise<void> {
  const told = await runScenario(await openRealDoor(url), scenario);
  writeFileSync(fixturePath(scenario.name), `${JSON.stringify(told, null, 1)}\n`);
}

describe.runIf(url !== '')('what a real control plane makes of it', () => {
  it.concurrent.each(scenarios.filter(({ tellsNodes }) => tellsNodes !== true))(
    '$name',
    { timeout: 900_000 },
    record,
  );
  // Nobody else's Pods may come or go.
  it.each(scenarios.filter(({ tellsNodes }) => tellsNodes === true))('$name', { timeout: 900_000 }, record);
});
