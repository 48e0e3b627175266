/**
 * The images that the simulated registries hold: which programs and files each has, and what it runs. Sizes are those of
 * the real images, compressed, as `docker manifest inspect` tells them, rounded.
 */
import { type ImageContents, type ImageEntry, megabyte } from './image-entry.ts';
import {
  alpineLayers,
  busyboxLayers,
  commandLayer,
  debianLayers,
  filesLayer,
  networkToolLayer,
} from './layers.ts';
import { storeImage } from './stores.ts';
import { tutorialImages } from './tutorials.ts';
import { apacheLayer, nginxImage, unprivilegedNginx } from './web-servers.ts';

/** The repositories by canonical name. */
export const imageTable: ReadonlyMap<string, ImageEntry> = new Map<string, ImageEntry>([
  ...tutorialImages,
  [
    'docker.io/library/nginx',
    {
      tags: [
        'latest',
        '1.27',
        '1.27.5',
        '1.26',
        '1.25',
        '1.24',
        '1.23',
        '1.22',
        '1.21',
        '1.20',
        '1.19',
        '1.18',
        '1.17',
        '1.16.1',
        '1.16',
        '1.15',
        '1.14.2',
        '1.14',
        'alpine',
        '1.27-alpine',
        'stable',
        'stable-alpine',
        'mainline',
        'perl',
      ],
      otherTags: /^1\.(?:1[0-9]|2[0-9])(?:\.\d{1,2})?(?:-(?:alpine|alpine-slim|perl|bookworm|otel))?$/,
      sizeBytes: 72 * megabyte,
      build: nginxImage,
    },
  ],
  [
    'docker.io/nginxinc/nginx-unprivileged',
    { tags: ['latest', 'alpine', '1.27'], sizeBytes: 72 * megabyte, build: unprivilegedNginx },
  ],
  ['k8s.gcr.io/nginx-slim', { tags: ['0.8'], sizeBytes: 42 * megabyte, build: () => nginxImage('1.9.1') }],
  [
    'registry.k8s.io/nginx-slim',
    {
      tags: ['0.8', '0.21', '0.24', '0.26', '0.27'],
      sizeBytes: 42 * megabyte,
      build: () => nginxImage('1.23.4'),
    },
  ],
  [
    'docker.io/library/httpd',
    {
      tags: ['latest', '2.4', '2.4.62', 'alpine', '2.4-alpine', '2'],
      otherTags: /^2\.4(?:\.\d{1,2})?(?:-alpine|-bookworm)?$/,
      sizeBytes: 59 * megabyte,
      build: (tag) => ({
        layers: [...(tag.includes('alpine') ? alpineLayers() : debianLayers()), apacheLayer],
        command: ['httpd-foreground'],
        env: [
          ['PATH', '/usr/local/apache2/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
          ['HTTPD_PREFIX', '/usr/local/apache2'],
          ['HTTPD_VERSION', /^2\.4\.\d+/.exec(tag)?.[0] ?? '2.4.62'],
        ],
        workingDirectory: '/usr/local/apache2',
      }),
    },
  ],
  [
    'docker.io/library/busybox',
    busybox([
      'latest',
      '1.36',
      '1.36.1',
      '1.37',
      '1.35',
      '1.34',
      '1.28',
      'stable',
      'musl',
      'glibc',
      'uclibc',
    ]),
  ],
  ['k8s.gcr.io/busybox', busybox(['latest', '1.24', '1.27'])],
  ['registry.k8s.io/e2e-test-images/busybox', busybox(['1.29-4', '1.36.1-1', '1.29-2'])],
  ['registry.k8s.io/busybox', busybox(['latest', '1.24', '1.27', '1.27.2'])],
  ['gcr.io/google-containers/busybox', busybox(['latest', '1.24'])],
  [
    'docker.io/library/alpine',
    {
      tags: ['latest', '3.20', '3.19', '3.18', '3.21', '3.22', 'edge'],
      otherTags: /^3\.\d{1,2}(?:\.\d{1,2})?$/,
      sizeBytes: 4 * megabyte,
      build: () => ({ layers: alpineLayers(), command: ['/bin/sh'] }),
    },
  ],
  [
    'docker.io/library/debian',
    {
      tags: [
        'latest',
        '12',
        'bookworm',
        'bookworm-slim',
        'stable-slim',
        '11',
        'bullseye',
        'bullseye-slim',
        'stable',
      ],
      sizeBytes: 48 * megabyte,
      build: () => ({ layers: debianLayers(), command: ['bash'] }),
    },
  ],
  [
    'docker.io/library/ubuntu',
    {
      tags: ['latest', '24.04', '22.04', '20.04', 'noble', 'jammy', 'focal'],
      sizeBytes: 30 * megabyte,
      build: () => ({ layers: debianLayers('ubuntu'), command: ['/bin/bash'] }),
    },
  ],
  [
    'docker.io/library/bash',
    {
      tags: ['latest', '5', '5.2'],
      sizeBytes: 6 * megabyte,
      build: () => ({
        layers: [...alpineLayers(), commandLayer('/usr/local/bin', ['bash'], { as: { bash: 'sh' } })],
        entrypoint: [],
        command: ['bash'],
      }),
    },
  ],
  [
    'docker.io/curlimages/curl',
    {
      tags: ['latest', '8.16.0', '8.10.1', '8.8.0', '8.7.1', '8.5.0', '7.88.1'],
      otherTags: /^[78]\.\d{1,2}\.\d$/,
      sizeBytes: 9 * megabyte,
      build: () => ({
        layers: [
          ...alpineLayers(),
          commandLayer('/usr/bin', ['curl']),
          filesLayer([['/entrypoint.sh', curlEntrypoint]]),
        ],
        entrypoint: ['/entrypoint.sh'],
        command: ['curl'],
      }),
    },
  ],
  [
    'docker.io/nicolaka/netshoot',
    {
      tags: ['latest', 'v0.13'],
      sizeBytes: 200 * megabyte,
      build: () => ({
        layers: [
          ...alpineLayers(),
          networkToolLayer(),
          commandLayer('/bin', ['bash'], { as: { bash: 'sh' } }),
        ],
        command: ['/bin/zsh'],
      }),
    },
  ],
  [
    'registry.k8s.io/e2e-test-images/jessie-dnsutils',
    {
      tags: ['1.3', '1.7'],
      sizeBytes: 112 * megabyte,
      build: () => ({ layers: [...debianLayers(), networkToolLayer()], command: ['sleep', '3600'] }),
    },
  ],
  [
    'docker.io/tutum/dnsutils',
    {
      tags: ['latest'],
      sizeBytes: 80 * megabyte,
      build: () => ({ layers: [...debianLayers('ubuntu'), networkToolLayer()], command: ['bash'] }),
    },
  ],
  [
    'docker.io/radial/busyboxplus',
    {
      tags: ['curl', 'latest'],
      sizeBytes: 5 * megabyte,
      build: () => ({
        layers: [...busyboxLayers(), commandLayer('/usr/bin', ['curl'])],
        command: ['/bin/sh'],
      }),
    },
  ],
  [
    'registry.k8s.io/e2e-test-images/agnhost',
    agnhost(['2.53', '2.52', '2.47', '2.45', '2.43', '2.40', '2.39', '2.33', '2.32', '2.31']),
  ],
  ['k8s.gcr.io/e2e-test-images/agnhost', agnhost(['2.39', '2.33', '2.32', '2.31'])],
  [
    'docker.io/envoyproxy/gateway',
    {
      tags: ['v1.8.1', 'v1.8.0', 'v1.7.0', 'v1.6.0', 'v1.5.0'],
      otherTags: /^v1\.\d{1,2}\.\d{1,2}$/,
      sizeBytes: 70 * megabyte,
      build: () => ({
        layers: [commandLayer('/usr/local/bin', ['envoy-gateway'])],
        entrypoint: ['/usr/local/bin/envoy-gateway'],
      }),
    },
  ],
  [
    'docker.io/envoyproxy/envoy',
    {
      tags: ['distroless-v1.38.1', 'distroless-v1.38.0', 'distroless-v1.37.0', 'v1.38.1'],
      otherTags: /^(?:distroless-)?v1\.\d{1,2}(?:\.\d{1,2}|-latest)$/,
      sizeBytes: 60 * megabyte,
      build: () => ({
        layers: [commandLayer('/usr/local/bin', ['envoy']), filesLayer([['/tmp/', '']])],
        entrypoint: ['/usr/local/bin/envoy'],
      }),
    },
  ],
  [
    'registry.k8s.io/ingress-nginx/controller',
    {
      tags: ['v1.14.1', 'v1.14.0', 'v1.13.3', 'v1.12.6', 'v1.11.8'],
      otherTags: /^v1\.(?:[0-9]|1[0-5])\.\d{1,2}$/,
      sizeBytes: 105 * megabyte,
      build: (tag) => ({
        layers: [
          ...alpineLayers(),
          commandLayer('', ['nginx-ingress-controller']),
          commandLayer('/usr/bin', ['dumb-init']),
          filesLayer([['/tmp/', '']]),
        ],
        entrypoint: ['/usr/bin/dumb-init', '--'],
        command: ['/nginx-ingress-controller'],
        env: [['INGRESS_NGINX_VERSION', tag]],
      }),
    },
  ],
  ['registry.k8s.io/serve_hostname', serveHostname(['latest', '1.4', 'v1.4'])],
  ['k8s.gcr.io/serve_hostname', serveHostname(['latest', '1.4', 'v1.4'])],
  [
    'docker.io/hashicorp/http-echo',
    {
      tags: ['latest', '1.0', '1.0.0', '0.2.3', 'alpine'],
      sizeBytes: 4 * megabyte,
      build: (tag) => ({
        layers: [commandLayer('', ['http-echo'])],
        entrypoint: ['/http-echo'],
        env: [['HTTP_ECHO_VERSION', tag === '0.2.3' ? '0.2.3' : '1.0.0']],
      }),
    },
  ],
  [
    'docker.io/traefik/whoami',
    {
      tags: ['latest', 'v1.10', 'v1.11', 'v1.10.3'],
      sizeBytes: 3 * megabyte,
      build: () => ({
        layers: [commandLayer('', ['whoami'], { as: { whoami: 'whoami-server' } })],
        entrypoint: ['/whoami'],
      }),
    },
  ],
  [
    'docker.io/containous/whoami',
    {
      tags: ['latest'],
      sizeBytes: 3 * megabyte,
      build: () => ({
        layers: [commandLayer('', ['whoami'], { as: { whoami: 'whoami-server' } })],
        entrypoint: ['/whoami'],
      }),
    },
  ],
  ['gcr.io/google-samples/hello-app', { tags: ['1.0', '2.0'], sizeBytes: 5 * megabyte, build: helloApp }],
  [
    'us-docker.pkg.dev/google-samples/containers/gke/hello-app',
    { tags: ['1.0', '2.0'], sizeBytes: 5 * megabyte, build: helloApp },
  ],
  [
    'gcr.io/google-samples/node-hello',
    { tags: ['1.0'], sizeBytes: 264 * megabyte, build: () => nodeServer('Hello Kubernetes!') },
  ],
  [
    'docker.io/luksa/kubia',
    {
      tags: ['latest', 'v1', '1.0'],
      sizeBytes: 264 * megabyte,
      build: () => nodeServer("You've hit {hostname}\n"),
    },
  ],
  [
    'registry.k8s.io/echoserver',
    {
      tags: ['1.10', '1.4'],
      sizeBytes: 43 * megabyte,
      build: (tag) => ({
        layers: [...debianLayers(), commandLayer('/usr/local/bin', ['echoserver'])],
        command: ['echoserver'],
        env: [['ECHOSERVER_FORM', tag === '1.4' ? 'old' : 'new']],
      }),
    },
  ],
  [
    'docker.io/library/redis',
    storeImage(
      'redis',
      ['latest', '7', '7.4', '7.2', '6', '6.2', '6.0.5', 'alpine', '7-alpine', '6-alpine'],
      45,
    ),
  ],
  [
    'docker.io/library/postgres',
    storeImage('postgres', ['latest', '16', '17', '15', '14', '13', '16-alpine', 'alpine'], 150),
  ],
  ['docker.io/library/mysql', storeImage('mysql', ['latest', '8.0', '8.4', '8', '5.7', '5.6', '9.0'], 170)],
  ['docker.io/library/mariadb', storeImage('mariadb', ['latest', '11', '10.6', '10'], 120)],
  ['docker.io/library/memcached', storeImage('memcached', ['latest', '1.6', '1', 'alpine'], 31)],
  ['docker.io/library/mongo', storeImage('mongo', ['latest', '7', '6', '5', '4.2'], 250)],
  [
    'docker.io/library/node',
    {
      tags: ['latest', '22', '20', '18', 'lts', 'alpine', '20-alpine', '22-alpine', '20-slim', '22-slim'],
      sizeBytes: 380 * megabyte,
      build: (tag) => ({
        layers: [
          ...(tag.includes('alpine') ? alpineLayers() : debianLayers()),
          commandLayer('/usr/local/bin', ['node']),
        ],
        command: ['node'],
        env: [['NODE_VERSION', `${/^\d+/.exec(tag)?.[0] ?? '22'}.11.0`]],
      }),
    },
  ],
  [
    'docker.io/library/python',
    {
      tags: [
        'latest',
        '3',
        '3.12',
        '3.13',
        '3.11',
        '3.10',
        '3.9',
        'slim',
        '3.12-slim',
        '3-alpine',
        '3.12-alpine',
        'alpine',
      ],
      otherTags: /^3\.\d{1,2}(?:\.\d{1,2})?(?:-slim|-alpine|-bookworm|-slim-bookworm)?$/,
      sizeBytes: 370 * megabyte,
      build: (tag) => ({
        layers: [
          ...(tag.includes('alpine') ? alpineLayers() : debianLayers()),
          commandLayer('/usr/local/bin', ['python', 'python3'], {
            as: { python: 'python', python3: 'python' },
          }),
        ],
        command: ['python3'],
        env: [['PYTHON_VERSION', `${/^3\.\d+/.exec(tag)?.[0] ?? '3.12'}.7`]],
      }),
    },
  ],
  [
    'registry.k8s.io/pause',
    {
      tags: ['3.10.1', '3.10', '3.9', '3.8', '3.7', '3.6', '3.5', '3.2', '3.1', 'latest'],
      sizeBytes: 320_000,
      build: pauseImage,
    },
  ],
  [
    'k8s.gcr.io/pause',
    { tags: ['3.5', '3.2', '3.1', '2.0', 'latest'], sizeBytes: 320_000, build: pauseImage },
  ],
  [
    'registry.k8s.io/coredns/coredns',
    {
      tags: ['v1.12.4', 'v1.12.1', 'v1.12.0', 'v1.11.3', 'v1.11.1'],
      otherTags: /^v1\.1[0-9]\.\d{1,2}$/,
      sizeBytes: 22 * megabyte,
      build: () => ({
        layers: [commandLayer('', ['coredns']), filesLayer([['/etc/coredns/', '']])],
        entrypoint: ['/coredns'],
      }),
    },
  ],
]);

const curlEntrypoint = `#!/bin/sh
case "$1" in
  -*|http://*|https://*) set -- curl "$@" ;;
esac
exec "$@"
`;

function busybox(tags: readonly string[]): ImageEntry {
  return {
    tags,
    otherTags: /^1\.\d{2}(?:\.\d)?(?:-(?:musl|glibc|uclibc))?$/,
    sizeBytes: 2 * megabyte,
    build: (tag) => ({
      layers: busyboxLayers({ oldNslookup: /^1\.(?:1\d|2[0-8])/.test(tag) }),
      command: ['sh'],
    }),
  };
}

function agnhost(tags: readonly string[]): ImageEntry {
  return {
    tags,
    otherTags: /^2\.\d{1,2}$/,
    sizeBytes: 50 * megabyte,
    build: () => ({
      layers: [
        ...alpineLayers(),
        networkToolLayer(),
        commandLayer('', ['agnhost']),
        commandLayer('/bin', ['bash'], { as: { bash: 'sh' } }),
      ],
      entrypoint: ['/agnhost'],
      command: ['pause'],
    }),
  };
}

function serveHostname(tags: readonly string[]): ImageEntry {
  return {
    tags,
    sizeBytes: 4 * megabyte,
    build: () => ({ layers: [commandLayer('', ['agnhost'])], entrypoint: ['/agnhost', 'serve-hostname'] }),
  };
}

function helloApp(tag: string): ImageContents {
  return {
    layers: [commandLayer('', ['hello-app'])],
    entrypoint: ['/hello-app'],
    env: [
      ['PORT', '8080'],
      ['HELLO_APP_VERSION', `${tag}.0`],
    ],
  };
}

function nodeServer(greeting: string): ImageContents {
  return {
    layers: [
      ...debianLayers(),
      commandLayer('/usr/local/bin', ['node'], { as: { node: 'node-greeter' } }),
      commandLayer('/usr/bin', ['curl']),
    ],
    entrypoint: ['node', 'app.js'],
    env: [['NODE_GREETING', greeting]],
  };
}

function pauseImage(): ImageContents {
  return { layers: [commandLayer('', ['pause'])], entrypoint: ['/pause'] };
}
