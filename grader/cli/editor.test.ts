import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeFolder } from '../testing/temporary-folder.ts';
import { findEditor } from './editor.ts';

it('is VISUAL, otherwise EDITOR, with its arguments before the files', async () => {
  const folder = makeFolder({
    'edit.mjs': "import { writeFileSync } from 'node:fs'; writeFileSync(process.argv[3], process.argv[2]);",
  });
  const edit = findEditor({ VISUAL: `${process.execPath} edit.mjs --wait`, EDITOR: 'false' }, folder);
  expect(await edit?.([join(folder, 'answer.yaml')])).toEqual({ ok: true, value: undefined });
  expect(readFileSync(join(folder, 'answer.yaml'), 'utf8')).toBe('--wait');
});

it('says why it did not run', async () => {
  const run = (EDITOR: string) => findEditor({ EDITOR }, makeFolder())?.(['x']);
  expect(await run('no-such-editor-anywhere')).toEqual({
    ok: false,
    error: 'no-such-editor-anywhere: ENOENT',
  });
  expect(await run('false')).toEqual({ ok: false, error: 'false: 1' });
});

it('is none where the environment names none', () => {
  expect(findEditor({ VISUAL: '', EDITOR: ' ' }, '.')).toBeUndefined();
});
