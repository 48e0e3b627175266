/** `kubedrill images`: the images that can be pulled in the simulated clusters, with their tags. */
import { knownImages } from '../../../engine/index.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../io.ts';

/** Prints a line for each image, as a manifest names it. */
export async function runImages(context: CommandContext): Promise<number> {
  const images = [...knownImages()].map(
    ([repository, tags]) => [shortName(repository), tags.join(' ')] as const,
  );
  images.sort(([one], [other]) => (one < other ? -1 : 1));
  const width = Math.max(...images.map(([name]) => name.length));
  for (const [name, tags] of images) context.print(`${name.padEnd(width)}  ${tags}`);
  return exitCodes.ok;
}

function shortName(repository: string): string {
  return repository.replace(/^docker\.io\/(library\/)?/, '');
}
