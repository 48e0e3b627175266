import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { writeKubeconfig } from './kubeconfig-file.ts';
import type { KubeconfigEntry } from './kubeconfig-text.ts';

const entry: KubeconfigEntry = {
  name: 'kubedrill',
  server: 'https://127.0.0.1:6443',
  certificate: 'PEM',
  token: 'secret',
};

const shared = `# mine
apiVersion: v1
kind: Config
clusters:
- name: prod # keep
  cluster: {server: https://prod.example}
contexts:
- name: prod
  context: {cluster: prod, user: me}
users:
- name: me
  user: {token: t}
current-context: prod
`;

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubedrill-'));
  path = join(folder, 'deep', 'config');
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(file: string, written = entry) {
  const result = writeKubeconfig(file, written);
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

describe('a kubeconfig of a served cluster', () => {
  it('is made for its owner alone, with a context that is current', () => {
    write(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(parse(readFileSync(path, 'utf8'))).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'kubedrill',
          cluster: { server: entry.server, 'certificate-authority-data': 'UEVN' },
        },
      ],
      contexts: [{ name: 'kubedrill', context: { cluster: 'kubedrill', user: 'kubedrill' } }],
      users: [{ name: 'kubedrill', user: { token: 'secret' } }],
      'current-context': 'kubedrill',
    });
    expect(readdirSync(join(folder, 'deep'))).toEqual(['config']);
  });

  it('is gone in the end when nothing else stands in it', () => {
    expect(write(path).remove()).toEqual({ ok: true, value: undefined });
    expect(readdirSync(join(folder, 'deep'))).toEqual([]);
  });

  it('leaves what others keep in a shared file, and makes their context current again', () => {
    const file = join(folder, 'config');
    writeFileSync(file, shared, { mode: 0o644 });
    const written = write(file);
    const merged = readFileSync(file, 'utf8');
    expect(parse(merged)['current-context']).toBe('kubedrill');
    expect(merged).toContain('# mine');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    written.remove();
    expect(parse(readFileSync(file, 'utf8'))).toEqual(parse(shared));
    expect(readFileSync(file, 'utf8')).toContain('name: prod # keep');
  });

  it('keeps the context that somebody chose meanwhile', () => {
    const file = join(folder, 'config');
    writeFileSync(file, shared);
    const written = write(file);
    const other = readFileSync(file, 'utf8').replace('current-context: kubedrill', 'current-context: other');
    writeFileSync(file, other);
    written.remove();
    expect(parse(readFileSync(file, 'utf8'))['current-context']).toBe('other');
  });

  it('leaves the entry of another server that took the name', () => {
    const file = join(folder, 'config');
    const first = write(file);
    write(file, { ...entry, token: 'newer', server: 'https://127.0.0.1:7443' });
    first.remove();
    expect(parse(readFileSync(file, 'utf8')).users).toEqual([
      { name: 'kubedrill', user: { token: 'newer' } },
    ]);
  });

  it.each([
    ['a list', '- a\n'],
    ['no YAML', 'a: [\n'],
    ['something else in place of users', 'users: 3\n'],
  ])('does not touch a file that holds %s', (_, text) => {
    const file = join(folder, 'config');
    writeFileSync(file, text);
    const result = writeKubeconfig(file, entry);
    expect(result.ok ? '' : result.error.startsWith(`${file}: `)).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });
});
