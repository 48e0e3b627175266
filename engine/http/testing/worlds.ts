/**
 * Prepared clusters with command lines for each: a file of `fixtures/worlds` holds what prepares one (`## setup`), the files
 * beside it (`## file NAME`) and the lines (`## lines`). Each line is run on a fork of its own, so lines don't build on
 * each other.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { type Cluster, createCluster } from '../../cluster.ts';

/** One prepared cluster. */
export interface World {
  readonly name: string;
  readonly setup: string;
  readonly files: ReadonlyMap<string, string>;
  readonly lines: readonly string[];
}

const folder = new URL('./fixtures/worlds/', import.meta.url);

/** All worlds, by name. */
export function readWorlds(): readonly World[] {
  return readdirSync(folder)
    .sort()
    .map((file) => parseWorld(file.replace(/\.txt$/, ''), readFileSync(new URL(file, folder), 'utf8')));
}

function parseWorld(name: string, text: string): World {
  const files = new Map<string, string>();
  let setup = '';
  let lines: readonly string[] = [];
  for (const section of text.split(/^## /m).filter((part) => part !== '')) {
    const end = section.indexOf('\n');
    const [title = '', file = ''] = section.slice(0, end).split(' ');
    const body = section.slice(end + 1);
    if (title === 'setup') setup = body;
    else if (title === 'lines') lines = body.split('\n').filter((line) => line !== '');
    else files.set(file, body);
  }
  return { name, setup, files, lines };
}

/** The cluster of a world, at rest. A setup that fails is a mistake in its file. */
export async function prepareWorld({ name, setup, files }: World): Promise<Cluster> {
  const cluster = createCluster({ seed: name });
  const shell = await cluster.openShell({ files });
  const ended = await shell.run(setup);
  if (ended.exitCode !== 0) throw new Error(`${name}: ${ended.stderr}`);
  cluster.settle();
  return cluster;
}
