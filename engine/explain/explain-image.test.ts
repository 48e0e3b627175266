import { expect, it } from 'vitest';
import { pods } from '../api/types/resources.ts';
import { createCluster } from '../cluster.ts';
import { explainPod } from './explain-service.ts';

it.each([
  { image: 'ngnix', nearest: 'nginx' },
  { image: 'nginx:9.99', nearest: 'nginx' },
  { image: 'registry.k8s.io/agnhost:2.40', nearest: 'registry.k8s.io/e2e-test-images/agnhost:2.40' },
])('names images that exist where $image does not', async ({ image, nearest }) => {
  const cluster = createCluster({ seed: 'image' });
  const shell = await cluster.openShell();
  await shell.run(`kubectl run web --image ${image}`);
  cluster.advance(60);
  const pod = cluster.view.list(pods, 'default').find(({ metadata }) => metadata.name === 'web');
  const cause = pod === undefined ? undefined : explainPod(cluster.view, pod);
  expect(cause).toMatchObject({ code: 'container-not-running', image });
  expect(cause?.code === 'container-not-running' ? cause.nearest?.[0] : '').toBe(nearest);
});
