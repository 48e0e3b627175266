/** Images of data stores, which listen and greet. */
import { type ImageEntry, megabyte } from './image-entry.ts';
import { alpineLayers, commandLayer, debianLayers } from './layers.ts';

/** The entry of a store whose image is so many megabytes large. */
export function storeImage(
  program: 'redis' | 'postgres' | 'mysqld' | 'mongod',
  tags: readonly string[],
  megabytes: number,
): ImageEntry {
  const commands = {
    redis: ['redis-server', 'redis-cli'],
    postgres: ['postgres', 'psql', 'pg_isready'],
    mysqld: ['mysqld', 'mysql', 'mysqladmin'],
    mongod: ['mongod'],
  } as const;
  return {
    tags,
    otherTags: /^\d{1,2}(?:\.\d{1,2}){0,2}(?:-alpine|-bookworm)?$/,
    sizeBytes: megabytes * megabyte,
    build: (tag) => ({
      layers: [
        ...(tag.includes('alpine') ? alpineLayers() : debianLayers()),
        commandLayer('/usr/local/bin', commands[program]),
      ],
      command: [commands[program][0]],
      env: [['STORE_VERSION', /^\d+(?:\.\d+)*/.exec(tag)?.[0] ?? '']],
    }),
  };
}
