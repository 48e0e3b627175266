import { expect, it } from 'vitest';
import { createCluster } from '../cluster.ts';

/** A Deployment on worker-1 alone. */
function deployment(name: string, replicas: number): string {
  const template = `{metadata: {labels: {app: ${name}}}, spec: {nodeSelector: {kubernetes.io/hostname: worker-1}, containers: [{name: c, image: nginx}]}}`;
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec: {replicas: ${replicas}, selector: {matchLabels: {app: ${name}}}, template: ${template}}
`;
}

const budget = `apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: kept}
spec: {minAvailable: 2, selector: {matchLabels: {app: kept}}}
`;

// Source: k8s.io/kubectl/pkg/drain/drain.go, evictPods: a goroutine for each Pod, each with retries of its own.
it('drains what no budget protects while it asks again for what one does', async () => {
  const cluster = createCluster({ seed: 'drain' });
  const manifest = [deployment('kept', 2), budget, deployment('taken', 1)].join('---\n');
  const shell = await cluster.openShell({ files: new Map([['all.yaml', manifest]]) });
  await shell.run('kubectl apply -f all.yaml');
  const drained = await shell.run(
    'kubectl drain worker-1 --ignore-daemonsets --pod-selector app --timeout=8s',
  );
  expect(drained.exitCode).toBe(1);
  expect(drained.stdout).toMatch(/pod\/taken-\S+ evicted\n(evicting pod default\/kept-\S+\n){2}/);
  expect(drained.stderr.match(/will retry after 5s/g)).toHaveLength(4);
  const { stdout } = await shell.run('kubectl get pods --field-selector spec.nodeName=worker-1 -o name');
  expect(stdout).toMatch(/^(pod\/kept-\S+\n){2}$/);
});
