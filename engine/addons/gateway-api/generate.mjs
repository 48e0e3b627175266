/**
 * Writes Gateway API's definitions as JSON (build/gateway-api.json) from definitions.yaml, where each part that comes more
 * than once is written once. The facts are those of the release that the file names, its standard channel: names, types,
 * bounds, rules and their messages, columns; without the release's descriptions.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const here = dirname(fileURLToPath(import.meta.url));
const build = join(here, '..', '..', '..', 'build');
const facts = parse(readFileSync(join(here, 'definitions.yaml'), 'utf8'), { maxAliasCount: -1 });
mkdirSync(build, { recursive: true });
writeFileSync(join(build, 'gateway-api.json'), JSON.stringify(facts));
