/** Images from tutorials and the documentation, whose programs are small. */
import { type ImageContents, type ImageEntry, megabyte } from './image-entry.ts';
import { alpineLayers, commandLayer, debianLayers, filesLayer, networkToolLayer } from './layers.ts';
import { storeImage } from './stores.ts';
import { nginxImage } from './web-servers.ts';

/** Their repositories by canonical name. */
export const tutorialImages: readonly (readonly [repository: string, entry: ImageEntry])[] = [
  ['gcr.io/google-samples/kubernetes-bootcamp', bootcamp()],
  ['docker.io/jocatalin/kubernetes-bootcamp', bootcamp()],
  ['registry.k8s.io/hpa-example', entryOf(['latest'], 180, server('hpa-example', 'apache2-foreground'))],
  ['k8s.gcr.io/hpa-example', entryOf(['latest'], 180, server('hpa-example', 'apache2-foreground'))],
  ['gcr.io/google-samples/hello-go-gke', entryOf(['1.0'], 10, server('hello-go-gke', 'hello-go'))],
  ['gcr.io/google-samples/hello-frontend', entryOf(['1.0'], 70, helloFrontend)],
  ...['docker.io/corelab', 'us-docker.pkg.dev/google-samples/containers/gke', 'gcr.io/google_samples'].map(
    (place) => [`${place}/gb-frontend`, guestbookFrontend()] as const,
  ),
  ...['us-docker.pkg.dev/google-samples/containers/gke', 'gcr.io/google_samples'].map(
    (place) => [`${place}/gb-redis-follower`, guestbookFollower()] as const,
  ),
  [
    'docker.io/library/wordpress',
    {
      tags: ['latest', '6', '6.2.1-apache', 'apache', '4.8-apache'],
      otherTags: /^[4-6](?:\.\d{1,2}){0,2}(?:-php\d\.\d)?(?:-apache)?$/,
      sizeBytes: 240 * megabyte,
      build: server('wordpress', 'apache2-foreground'),
    },
  ],
  ['docker.io/library/perl', perl()],
  ['docker.io/polinux/stress', entryOf(['latest', '1.0.4'], 4, () => stressImage('stress', []))],
  ['docker.io/vish/stress', entryOf(['latest'], 2, () => stressImage('stress', ['/stress']))],
  ['docker.io/wbitt/network-multitool', multitool()],
  ['docker.io/praqma/network-multitool', multitool()],
  [
    'registry.k8s.io/e2e-test-images/nginx',
    entryOf(['1.14-4', '1.15-4', '1.14-2', '1.15-2'], 42, (tag) => nginxImage(tag.replace(/-\d$/, ''))),
  ],
];

function entryOf(
  tags: readonly string[],
  megabytes: number,
  build: (tag: string) => ImageContents,
): ImageEntry {
  return { tags, sizeBytes: megabytes * megabyte, build };
}

/** A Debian with one server, under the name that its command has. */
function server(program: string, command: string): () => ImageContents {
  return () => ({
    layers: [...debianLayers(), commandLayer('/usr/local/bin', [command], { as: { [command]: program } })],
    command: [command],
  });
}

function bootcamp(): ImageEntry {
  return entryOf(['v1', 'v2'], 84, (tag) => ({
    layers: [
      ...debianLayers(),
      commandLayer('/usr/local/bin', ['node'], { as: { node: 'bootcamp' } }),
      commandLayer('/usr/bin', ['curl']),
      filesLayer([['/server.js', '']]),
    ],
    command: ['node', 'server.js'],
    env: [['BOOTCAMP_VERSION', tag.slice(1)]],
  }));
}

/** The web server of the guestbook. */
function guestbookFrontend(): ImageEntry {
  return entryOf(['v5', 'v4'], 185, (tag) => ({
    ...server('gb-frontend', 'apache2-foreground')(),
    env: [['GUESTBOOK_VERSION', tag.slice(1)]],
  }));
}

/** A redis that follows the guestbook's leader. Source: its run.sh, in kubernetes-engine-samples. */
function guestbookFollower(): ImageEntry {
  const start =
    '#!/bin/sh\nif [ "$GET_HOSTS_FROM" = env ]; then\n  redis-server --replicaof "$REDIS_LEADER_SERVICE_HOST" 6379\nelse\n  redis-server --replicaof redis-leader 6379\nfi\n';
  return entryOf(['v2', 'v1'], 37, () => {
    const contents = storeImage('redis', ['6.0.5'], 37).build('6.0.5');
    return {
      ...contents,
      layers: [...contents.layers, filesLayer([['/run.sh', start]])],
      command: ['/bin/sh', '-c', '/run.sh'],
    };
  });
}

/** nginx that passes everything on to the Service `hello`. */
function helloFrontend(): ImageContents {
  const contents = nginxImage('1.14.2');
  const configuration =
    'upstream Backend {\n    server hello;\n}\n\nserver {\n    listen 80;\n\n    location / {\n        proxy_pass http://Backend;\n    }\n}\n';
  return {
    ...contents,
    layers: [...contents.layers, filesLayer([['/etc/nginx/conf.d/default.conf', configuration]])],
  };
}

function perl(): ImageEntry {
  return {
    tags: ['latest', '5.34.0', '5', '5.40', 'slim'],
    otherTags: /^5(?:\.\d{1,2}){0,2}(?:-slim)?$/,
    sizeBytes: 360 * megabyte,
    build: () => ({
      layers: [...debianLayers(), commandLayer('/usr/local/bin', ['perl'])],
      command: ['perl', '-de0'],
    }),
  };
}

function stressImage(command: string, entrypoint: readonly string[]): ImageContents {
  const folder = entrypoint.length === 0 ? '/usr/local/bin' : '';
  return { layers: [...alpineLayers(), commandLayer(folder, [command])], entrypoint, command: [] };
}

/** nginx with the tools to find faults. */
function multitool(): ImageEntry {
  return entryOf(['latest', 'alpine-minimal', 'extra'], 60, () => {
    const contents = nginxImage('1.27-alpine');
    return { ...contents, layers: [...contents.layers, networkToolLayer()] };
  });
}
