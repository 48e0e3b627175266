/** Events that are made when somebody looks are those that would have been made at once. */
import { describe, expect, it } from 'vitest';
import type { ApiRequest } from '../api/request.ts';
import { type Cluster, createCluster } from '../cluster.ts';

const pod = (name: string, image = 'nginx') => ({
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: { name },
  spec: { containers: [{ name: 'main', image }] },
});
const create = (path: string, body: ApiRequest['body'] = null): ApiRequest => ({
  method: 'POST',
  path,
  body,
});
const events: ApiRequest = { method: 'GET', path: '/api/v1/events' };

function read(cluster: Cluster): unknown {
  const answer = cluster.request(events);
  return answer.type === 'object' ? answer.body : answer;
}

/** What a client sees of the events, whether or not one has watched them from the start. */
function runBoth(steps: readonly ApiRequest[]): { readonly watched: unknown; readonly late: unknown } {
  const run = (isWatched: boolean): unknown => {
    const cluster = createCluster({ seed: 'events' });
    if (isWatched) cluster.request({ ...events, query: [['watch', 'true']] });
    for (const step of steps) {
      expect(cluster.request(step)).toMatchObject({ type: 'object' });
      cluster.settle();
    }
    // What comes after must find the same random numbers and revisions.
    cluster.request(create('/api/v1/namespaces/default/pods', pod('last')));
    const after = cluster.fork();
    return [read(cluster), cluster.request({ method: 'GET', path: '/api/v1/pods' }), read(after)];
  };
  return { watched: run(true), late: run(false) };
}

describe('events that nobody watches', () => {
  it.each<[string, readonly ApiRequest[]]>([
    ['of Pods that start', [create('/api/v1/namespaces/default/pods', pod('web'))]],
    [
      'that repeat, as of an image that is not there',
      [create('/api/v1/namespaces/default/pods', pod('web', 'no.such/image:1'))],
    ],
    [
      'in a namespace that is deleted',
      [
        create('/api/v1/namespaces', { kind: 'Namespace', apiVersion: 'v1', metadata: { name: 'team' } }),
        create('/api/v1/namespaces/team/pods', pod('web')),
        { method: 'DELETE', path: '/api/v1/namespaces/team' },
      ],
    ],
    [
      'in a namespace whose quota counts them',
      [
        create('/api/v1/namespaces/default/pods', pod('web')),
        create('/api/v1/namespaces/default/resourcequotas', {
          kind: 'ResourceQuota',
          apiVersion: 'v1',
          metadata: { name: 'few' },
          spec: { hard: { 'count/events': '7' } },
        }),
        create('/api/v1/namespaces/default/pods', pod('more')),
      ],
    ],
  ])('are the same as if somebody did: %s', (_name, steps) => {
    const { watched, late } = runBoth(steps);
    expect(late).toEqual(watched);
    expect(JSON.stringify(late)).toBe(JSON.stringify(watched));
  });
});
