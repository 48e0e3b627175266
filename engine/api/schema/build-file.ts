/** The data that the build makes: tables too large to be modules. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The file in the build output that is missing, with what to do about it. */
class BuildFileMissingError extends Error {
  override readonly name = 'BuildFileMissingError';
}

/**
 * Reads a JSON file of the build output.
 *
 * @throws BuildFileMissingError when the project was not built.
 */
export function readBuildFile(name: string): unknown {
  const root = packageRoot();
  const path = join(root, 'build', name);
  if (!existsSync(path)) {
    throw new BuildFileMissingError(`build/${name} is missing in ${root}: run \`npm run build\``);
  }
  return JSON.parse(readFileSync(path, 'utf8'));
}

function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new BuildFileMissingError('no package.json above the build output');
    folder = parent;
  }
  return folder;
}
