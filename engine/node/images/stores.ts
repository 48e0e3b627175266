/** Images of data stores, which listen and greet. */
import { type ImageEntry, megabyte } from './image-entry.ts';
import { alpineLayers, commandLayer, debianLayers, filesLayer } from './layers.ts';

/** What differs from store to store. */
interface Store {
  readonly server: string;
  readonly clients: readonly string[];
  /** Programs behind commands of other names. */
  readonly as: Readonly<Record<string, string>>;
  readonly folder: string;
  /** The newest release of each series, the first one for `latest`. Source: the images' tags on Docker Hub. */
  readonly releases: readonly string[];
  readonly env: (release: string) => readonly (readonly [string, string])[];
}

const stores = {
  redis: {
    server: 'redis-server',
    clients: ['redis-cli'],
    as: {},
    folder: '/data',
    releases: ['7.4.1', '7.2.6', '7.0.15', '6.2.16', '6.0.20', '5.0.14'],
    env: (release: string) => [['REDIS_VERSION', release]] as const,
  },
  postgres: {
    server: 'postgres',
    clients: ['psql', 'pg_isready'],
    as: { pg_isready: 'pg-isready' },
    folder: '/',
    releases: ['17.2', '16.6', '15.10', '14.15', '13.18', '12.22'],
    env: (release: string) =>
      [
        ['PG_MAJOR', release.split('.', 1)[0] ?? ''],
        ['PG_VERSION', `${release}-1.pgdg120+1`],
        ['PGDATA', '/var/lib/postgresql/data'],
      ] as const,
  },
  mysql: {
    server: 'mysqld',
    clients: ['mysql', 'mysqladmin'],
    as: {},
    folder: '/',
    releases: ['9.1.0', '8.4.3', '8.0.40', '5.7.44', '5.6.51'],
    env: (release: string) => [['MYSQL_VERSION', release]] as const,
  },
  mariadb: {
    server: 'mariadbd',
    clients: ['mariadb', 'mariadb-admin', 'mysql', 'mysqladmin'],
    as: { mariadb: 'mysql', 'mariadb-admin': 'mysqladmin' },
    folder: '/',
    releases: ['11.6.2', '11.4.4', '10.11.10', '10.6.20', '10.5.27'],
    env: (release: string) => [['MARIADB_VERSION', release]] as const,
  },
  mongo: {
    server: 'mongod',
    clients: [],
    as: {},
    folder: '/',
    releases: ['8.0.3', '7.0.15', '6.0.19', '5.0.30', '4.4.29', '4.2.24'],
    env: (release: string) => [['MONGO_VERSION', release]] as const,
  },
  memcached: {
    server: 'memcached',
    clients: [],
    as: {},
    folder: '/',
    releases: ['1.6.32'],
    env: (release: string) => [['MEMCACHED_VERSION', release]] as const,
  },
} as const satisfies Readonly<Record<string, Store>>;

/** The entry of a store whose image is so many megabytes large. */
export function storeImage(
  name: keyof typeof stores,
  tags: readonly string[],
  megabytes: number,
): ImageEntry {
  const store: Store = stores[name];
  return {
    tags,
    otherTags: /^\d{1,2}(?:\.\d{1,2}){0,2}(?:-alpine|-bookworm)?$/,
    sizeBytes: megabytes * megabyte,
    build: (tag) => ({
      layers: [
        ...(tag.includes('alpine') ? alpineLayers() : debianLayers()),
        commandLayer('/usr/local/bin', [store.server, ...store.clients], { as: store.as }),
        filesLayer([
          ['/usr/local/bin/docker-entrypoint.sh', entrypointOf(store.server)],
          ...(store.folder === '/' ? [] : [[`${store.folder}/`, ''] as const]),
        ]),
      ],
      entrypoint: ['docker-entrypoint.sh'],
      command: [store.server],
      env: store.env(releaseOf(store, tag)),
      workingDirectory: store.folder,
    }),
  };
}

/** Options alone are meant for the server. Source: the images' docker-entrypoint.sh. */
function entrypointOf(server: string): string {
  return `#!/bin/sh\ncase "$1" in\n  -*|*.conf) set -- ${server} "$@" ;;\nesac\nexec "$@"\n`;
}

function releaseOf({ releases }: Store, tag: string): string {
  const asked = /^\d+(?:\.\d+)*/.exec(tag)?.[0] ?? '';
  const known = releases.find((release) => asked !== '' && `${release}.`.startsWith(`${asked}.`));
  return known ?? (asked === '' ? (releases[0] ?? '') : asked);
}
