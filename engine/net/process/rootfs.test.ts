import { expect, test } from 'vitest';
import { createRootfs, listDirectory, makeDirectory, removePath, statPath, writePath } from './rootfs.ts';

const bytes = new Uint8Array();

test('has the directories that lie above its files, until everything in them was removed', () => {
  const files = new Map([
    ['/usr/bin/env', ''],
    ['/var/www/', ''],
  ]);
  const rootfs = createRootfs([{ files }]);
  const typeOf = (path: string) => statPath(rootfs, path)?.type;
  const asked = ['/', '/usr', '/usr/bin', '/usr/bin/env', '/usr/b', '/var', '/var/www', '/var/www/html'];
  expect(asked.map(typeOf)).toEqual([
    'directory',
    'directory',
    'directory',
    'file',
    undefined,
    'directory',
    'directory',
    undefined,
  ]);
  expect(removePath(rootfs, '/usr', true)).toBeUndefined();
  expect(['/usr', '/usr/bin', '/usr/bin/env'].map(typeOf)).toEqual([undefined, undefined, undefined]);
  expect(writePath(rootfs, '/usr/bin/env', bytes, false)).toBe('ENOENT');
  expect(makeDirectory(rootfs, '/usr/lib', true)).toBeUndefined();
  expect(['/usr', '/usr/lib'].map(typeOf)).toEqual(['directory', 'directory']);
  expect(listDirectory(rootfs, '/')).toEqual(['usr', 'var']);
});
