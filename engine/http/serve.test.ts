/** The served API as a client of HTTP meets it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type ClientRequest, request as plainRequest } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createCluster } from '../cluster.ts';
import type { ServedApi } from './serve.ts';

const cluster = createCluster({ seed: 'serve' });
const folder = mkdtempSync(join(tmpdir(), 'kubedrill-serve-'));
const kubeconfig = join(folder, 'config');
let served: ServedApi;
let access = { ca: '', token: '' };

beforeAll(async () => {
  const result = await cluster.serve({ kubeconfig, isFrozen: true });
  if (!result.ok) throw new Error(result.error);
  served = result.value;
  const config = parse(readFileSync(kubeconfig, 'utf8'));
  access = {
    ca: Buffer.from(config.clusters[0].cluster['certificate-authority-data'], 'base64').toString(),
    token: config.users[0].user.token,
  };
});
afterAll(async () => {
  await served.close();
  rmSync(folder, { recursive: true });
});

interface Answer {
  readonly code: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

function ask(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET', body?: string) {
  return new Promise<Answer>((resolve, reject) => {
    const { ca, token } = access;
    const asked: ClientRequest = request(
      `${served.url}${path}`,
      { method, ca, servername: 'localhost', headers: { authorization: `Bearer ${token}`, ...headers } },
      (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += String(chunk);
        });
        response.on('end', () =>
          resolve({ code: response.statusCode, headers: response.headers, body: text }),
        );
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

describe('who may speak', () => {
  it.each([
    ['without a token', { authorization: '' }, 401, 'Unauthorized'],
    ['with another token', { authorization: 'Bearer no' }, 401, 'Unauthorized'],
    ['under a foreign name', { host: 'evil.example' }, 403, 'Forbidden'],
    ['under a foreign port', { host: '127.0.0.1:1' }, 403, 'Forbidden'],
  ])('%s: refused with a Status', async (_, headers, code, reason) => {
    const answer = await ask('/api/v1/namespaces', headers);
    expect(answer.code).toBe(code);
    expect(JSON.parse(answer.body)).toMatchObject({ kind: 'Status', status: 'Failure', reason, code });
  });

  it('speaks TLS only', async () => {
    const failed = await new Promise<string>((resolve) => {
      plainRequest(served.url.replace('https', 'http'), () => resolve('answered'))
        .on('error', (error) => resolve(error.message))
        .end();
    });
    expect(failed).not.toBe('answered');
  });
});

describe('HTTP', () => {
  it.each([
    ['an unknown path', '/nothing', 404, 'text/plain; charset=utf-8'],
    ['health', '/readyz', 200, 'text/plain; charset=utf-8'],
    ['an object', '/api/v1/namespaces/default', 200, 'application/json'],
    ['a broken escape', '/api/v1/%zz', 400, 'application/json'],
    ['an escaped slash', '/api/v1/namespaces%2Fdefault', 404, 'application/json'],
    ['types', '/openapi/v3/apis/apps/v1', 200, 'application/json'],
  ])('answers %s', async (_, path, code, type) => {
    const answer = await ask(path);
    expect([answer.code, answer.headers['content-type']]).toEqual([code, type]);
  });

  it('passes requests on to Pods, with their answers as they come', async () => {
    const containers = [{ name: 'c', image: 'nginx:1.27', ports: [{ containerPort: 80 }] }];
    const path = '/api/v1/namespaces/default/pods';
    cluster.request({ method: 'POST', path, body: { metadata: { name: 'web' }, spec: { containers } } });
    cluster.settle();
    const page = await ask(`${path}/web/proxy/`);
    expect([page.code, page.headers['content-type'], page.headers.server]).toEqual([
      200,
      'text/html',
      'nginx/1.27.5',
    ]);
    expect(page.body).toContain('<h1>Welcome to nginx!</h1>');
    const moved = await ask(`${path}/web/proxy?a=1`);
    expect([moved.code, moved.headers.location]).toEqual([301, `${path}/web/proxy/?a=1`]);
    const refused = await ask(`${path}/web:81/proxy/`);
    expect([refused.code, JSON.parse(refused.body).message]).toEqual([
      503,
      expect.stringMatching(
        /^error trying to reach service: dial tcp [\d.]+:81: connect: connection refused$/,
      ),
    ]);
  });

  it('refuses a body past its bound and goes on', async () => {
    const body = ' '.repeat(4 * 1024 * 1024);
    const answer = await ask('/api/v1/namespaces', { 'content-type': 'application/json' }, 'POST', body);
    expect([answer.code, JSON.parse(answer.body).reason]).toEqual([413, 'RequestEntityTooLarge']);
    expect((await ask('/livez')).body).toBe('ok');
  });

  it('warns in headers, quotes and other scripts included', async () => {
    const body = JSON.stringify({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'w' }, '가"나': 1 });
    const path = '/api/v1/namespaces/default/configmaps?fieldValidation=Warn';
    const answer = await ask(path, { 'content-type': 'application/json' }, 'POST', body);
    const warning = Buffer.from(String(answer.headers.warning), 'latin1').toString('utf8');
    expect(warning).toMatch(/^299 - "unknown field \\"가.*나.*\\""$/);
  });

  it('takes YAML', async () => {
    const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: in-yaml\ndata: {a: "1"}\n';
    const path = '/api/v1/namespaces/default/configmaps';
    const answer = await ask(path, { 'content-type': 'application/yaml' }, 'POST', body);
    expect([answer.code, JSON.parse(answer.body).data]).toEqual([201, { a: '1' }]);
  });

  it('answers in YAML where that is asked for first', async () => {
    const answer = await ask('/api/v1/namespaces/default', { accept: 'application/yaml' });
    expect([answer.headers['content-type'], parse(answer.body).metadata.name]).toEqual([
      'application/yaml',
      'default',
    ]);
  });

  it('says which port is taken', async () => {
    const port = Number(new URL(served.url).port);
    const second = await cluster.serve({ kubeconfig: join(folder, 'second'), port });
    expect(second).toEqual({ ok: false, error: `port ${port} on 127.0.0.1 is in use; choose another` });
  });

  it('names a kubeconfig that cannot be written, and leaves it', async () => {
    const second = await cluster.serve({ kubeconfig: folder });
    expect(second).toEqual({ ok: false, error: `${folder}: EISDIR` });
    expect(readFileSync(kubeconfig, 'utf8')).toContain(served.url);
  });
});
