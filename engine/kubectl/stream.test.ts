import { expect, it } from 'vitest';
import { ok } from '../base/result.ts';
import type { KubectlHost, LocalConnection } from './host.ts';
import { streamKubectl } from './stream.ts';
import { createReplayHost } from './testing/replay-host.ts';

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default' },
  spec: { containers: [{ name: 'nginx', ports: [{ name: 'http', containerPort: 80 }] }] },
  status: { phase: 'Running' },
};

function replay(): KubectlHost {
  const line = { line: '', nowMs: 0, exchanges: [], stdout: '', stderr: '', exitCode: 0 };
  return createReplayHost(line, []).host;
}

const discovery = new Map<string, object>([
  ['/api', { kind: 'APIVersions', versions: ['v1'] }],
  ['/apis', { kind: 'APIGroupList', groups: [] }],
  [
    '/api/v1',
    { kind: 'APIResourceList', resources: [{ name: 'pods', kind: 'Pod', namespaced: true, verbs: ['get'] }] },
  ],
  ['/api/v1/namespaces/default/pods/web', pod],
]);

it('hands output over as it comes and ends what goes on for ever when it is aborted', async () => {
  const abort = new AbortController();
  const accepted: ((connection: LocalConnection) => void)[] = [];
  const sent: string[] = [];
  const received: string[] = [];
  const text = new TextEncoder();
  const host: KubectlHost = {
    ...replay(),
    send: async ({ path }) => {
      const body = discovery.get(path);
      if (body !== undefined)
        return { type: 'object', code: 200, warnings: [], body: JSON.parse(JSON.stringify(body)) };
      let isAnswered = false;
      return {
        type: 'port-forward',
        code: 101,
        warnings: [],
        portForward: {
          connect: (port) => ({
            read: () => {
              if (isAnswered || sent.length === 0) return new Uint8Array();
              isAnswered = true;
              return text.encode(`hello from ${port}`);
            },
            write: (bytes) => sent.push(new TextDecoder().decode(bytes)),
            closeWrite: () => {},
            isEnded: () => isAnswered,
            failure: () => undefined,
            close: () => {},
          }),
        },
      };
    },
    waitUntil: async (done) => {
      for (const accept of accepted.splice(0, 1)) {
        let request = 'GET /';
        accept({
          clientPort: 40_000,
          read: () => {
            const bytes = text.encode(request);
            request = '';
            return bytes;
          },
          isEnded: () => false,
          write: (bytes) => received.push(new TextDecoder().decode(bytes)),
          close: () => {},
        });
      }
      for (let round = 0; round < 5; round += 1) done();
      abort.abort();
      return 'timeout';
    },
    listen: async (_address, port, accept) => {
      accepted.push(accept);
      return ok({ port, close: () => {} });
    },
  };
  const output = await collect(streamKubectl(['port-forward', 'web', '8080:http'], host, abort.signal));
  // Source: the lines that kubectl 1.36 prints, client-go tools/portforward/portforward.go.
  expect(output).toEqual([
    {
      kind: 'stdout',
      text: 'Forwarding from 127.0.0.1:8080 -> 80\nForwarding from [::1]:8080 -> 80\n',
    },
    { kind: 'stdout', text: 'Handling connection for 8080\n' },
    { kind: 'exit', code: 0 },
  ]);
  expect([sent, received]).toEqual([['GET /'], ['hello from 80']]);
});

async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
