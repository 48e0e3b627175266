/**
 * The images that registries serve here: their tags, what a container of each runs, and the files that matter. Sizes are
 * those of the compressed images for amd64, rounded. A tag outside the list is not served.
 */

import {
  defaultServer,
  mainConfiguration,
  oldWelcomePage,
  serverErrorPage,
  welcomePage,
} from '../../programs/servers/nginx-pages.ts';

/** The common tools that an image holds besides its own program. */
export type ToolSet = 'none' | 'busybox' | 'debian';

/** One repository. */
export interface CatalogEntry {
  readonly repository: string;
  readonly tags: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
  readonly sizeBytes: number;
  /** Path of an executable to the program that it is. */
  readonly programs?: Readonly<Record<string, string>>;
  readonly tools: ToolSet;
  readonly files?: Readonly<Record<string, string>>;
}

const nginxVersions = [
  '1.14.2',
  '1.16.1',
  '1.19.10',
  '1.21.6',
  '1.23.4',
  '1.25.5',
  '1.26.3',
  '1.27.5',
  '1.28.0',
  '1.29.0',
];

/** `1.27.5` to `1.27.5`, `1.27`, each also with `-alpine`. */
function nginxTags(version: string): readonly string[] {
  const short = version.split('.').slice(0, 2).join('.');
  return [version, short, `${version}-alpine`, `${short}-alpine`];
}

const nginxFiles = {
  '/etc/nginx/nginx.conf': mainConfiguration,
  '/etc/nginx/conf.d/default.conf': defaultServer,
  '/usr/share/nginx/html/50x.html': serverErrorPage,
};

const nginxRows: readonly CatalogEntry[] = nginxVersions.map((version, index) => ({
  repository: 'docker.io/library/nginx',
  tags: [
    ...nginxTags(version),
    ...(index === nginxVersions.length - 1
      ? ['latest', 'mainline', 'alpine', 'stable', 'stable-alpine', '1', '1-alpine']
      : []),
  ],
  entrypoint: ['/docker-entrypoint.sh'],
  command: ['nginx', '-g', 'daemon off;'],
  env: { NGINX_VERSION: version },
  sizeBytes: 72_404_038,
  programs: {
    '/usr/sbin/nginx': 'nginx',
    '/docker-entrypoint.sh': 'nginx-entrypoint',
    '/usr/bin/curl': 'curl',
  },
  tools: 'debian',
  files: { ...nginxFiles, '/usr/share/nginx/html/index.html': index < 3 ? oldWelcomePage : welcomePage },
}));

/** Every image, one row for each set of tags that share their content. */
export const catalog: readonly CatalogEntry[] = [
  ...nginxRows,
  {
    repository: 'docker.io/library/httpd',
    tags: ['latest', '2', '2.4', '2.4.63', '2.4-alpine', 'alpine'],
    command: ['httpd-foreground'],
    workingDirectory: '/usr/local/apache2',
    sizeBytes: 58_710_000,
    programs: { '/usr/local/bin/httpd-foreground': 'httpd' },
    tools: 'debian',
  },
  {
    repository: 'docker.io/library/busybox',
    tags: [
      'latest',
      '1',
      '1.28',
      '1.31',
      '1.34',
      '1.35',
      '1.36',
      '1.37',
      '1.36.1',
      '1.37.0',
      'stable',
      'musl',
      'glibc',
    ],
    command: ['sh'],
    sizeBytes: 2_156_518,
    tools: 'busybox',
  },
  {
    repository: 'docker.io/library/alpine',
    tags: ['latest', '3', '3.18', '3.19', '3.20', '3.21', '3.22'],
    command: ['/bin/sh'],
    sizeBytes: 3_642_247,
    tools: 'busybox',
  },
  ...(['docker.io/library/debian', 'docker.io/library/ubuntu'] as const).map((repository) => ({
    repository,
    tags: ['latest', 'stable', 'bookworm', '12', '22.04', '24.04', 'bookworm-slim'],
    command: ['bash'],
    sizeBytes: 48_488_000,
    tools: 'debian' as const,
  })),
  {
    repository: 'docker.io/curlimages/curl',
    tags: ['latest', '7.88.1', '8.8.0', '8.10.1', '8.12.1', '8.13.0'],
    entrypoint: ['/entrypoint.sh'],
    command: ['curl'],
    sizeBytes: 9_800_000,
    programs: { '/usr/bin/curl': 'curl', '/entrypoint.sh': 'curl-entrypoint' },
    tools: 'busybox',
  },
  {
    repository: 'docker.io/hashicorp/http-echo',
    tags: ['latest', '0.2.3', '1.0', '1.0.0'],
    entrypoint: ['/http-echo'],
    sizeBytes: 3_140_000,
    programs: { '/http-echo': 'http-echo' },
    tools: 'none',
  },
  {
    repository: 'docker.io/traefik/whoami',
    tags: ['latest', 'v1.10', 'v1.10.3', 'v1.11', 'v1.11.0'],
    entrypoint: ['/whoami'],
    sizeBytes: 2_640_000,
    programs: { '/whoami': 'whoami-server' },
    tools: 'none',
  },
  ...(
    ['gcr.io/google-samples/hello-app', 'us-docker.pkg.dev/google-samples/containers/gke/hello-app'] as const
  ).flatMap((repository) =>
    (['1.0', '2.0'] as const).map((version) => ({
      repository,
      tags: [version],
      entrypoint: ['./hello-app'],
      workingDirectory: '/',
      env: { PORT: '8080', HELLO_VERSION: `${version}.0` },
      sizeBytes: 11_700_000,
      programs: { '/hello-app': 'hello-app' },
      tools: 'none' as const,
    })),
  ),
  ...(['registry.k8s.io/e2e-test-images/agnhost', 'k8s.gcr.io/e2e-test-images/agnhost'] as const).map(
    (repository) => ({
      repository,
      tags: ['2.39', '2.40', '2.43', '2.45', '2.47', '2.52', '2.53', '2.56'],
      entrypoint: ['/agnhost'],
      command: ['pause'],
      sizeBytes: 52_800_000,
      programs: { '/agnhost': 'agnhost', '/usr/bin/curl': 'curl' },
      tools: 'busybox' as const,
    }),
  ),
  ...(
    ['registry.k8s.io/echoserver', 'k8s.gcr.io/echoserver', 'gcr.io/google_containers/echoserver'] as const
  ).map((repository) => ({
    repository,
    tags: ['1.4', '1.10'],
    command: ['/usr/local/bin/run.sh'],
    sizeBytes: 46_200_000,
    programs: { '/usr/local/bin/run.sh': 'echoserver' },
    tools: 'debian' as const,
  })),
  {
    repository: 'registry.k8s.io/pause',
    tags: ['3.9', '3.10', '3.10.1'],
    entrypoint: ['/pause'],
    sizeBytes: 320_448,
    programs: { '/pause': 'pause' },
    tools: 'none',
  },
  {
    repository: 'registry.k8s.io/coredns/coredns',
    tags: ['v1.12.1', 'v1.13.1', 'v1.14.1'],
    entrypoint: ['/coredns'],
    sizeBytes: 22_384_805,
    programs: { '/coredns': 'coredns' },
    tools: 'none',
  },
];
