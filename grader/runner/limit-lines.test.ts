import { expect, it } from 'vitest';
import { createCluster } from '../../engine/index.ts';
import { limitLines } from './limit-lines.ts';

it('gives the prompt back while the cluster is still at work', async () => {
  const cluster = createCluster({ seed: 'busy' });
  const shell = limitLines(cluster, await cluster.openShell(), 0.1);
  const busy = await shell.run('kubectl create deployment big --image=nginx --replicas=100');
  expect(busy.stderr).toContain('kubedrill: stopped after 0.1 s; the cluster is still at work');
  expect(cluster.settle().ended).toBe('limit');
});
