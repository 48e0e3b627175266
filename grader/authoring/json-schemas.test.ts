import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findWorkbookRoot } from '../exercise/load-workbook.ts';
import { schemaFiles } from './json-schemas.ts';

const root = findWorkbookRoot();

it.each(Object.entries(schemaFiles()))(
  '%s is the schema that files are held against (`npm test -- -u` writes it anew)',
  async (path, text) => {
    await expect(text).toMatchFileSnapshot(join(root, path));
  },
);

it('a number may be a term in an editor, too', () => {
  const schema = readFileSync(join(root, 'chapters/exercise.schema.json'), 'utf8');
  expect(schema).toContain('"pattern": "^\\\\$\\\\([a-z][A-Za-z0-9]*\\\\)$"');
});
