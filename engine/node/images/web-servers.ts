/** What the images of nginx and Apache are made of. */
import {
  defaultServer,
  mainConfiguration,
  oldWelcomePage,
  serverErrorPage,
  welcomePage,
} from '../../programs/servers/nginx-pages.ts';
import type { ImageContents } from './image-entry.ts';
import { alpineLayers, commandLayer, debianLayers, filesLayer } from './layers.ts';

/** nginx of a tag. */
export function nginxImage(tag: string): ImageContents {
  const version = nginxVersion(tag);
  const minor = Number(version.split('.')[1]);
  const alpine = tag.includes('alpine');
  const page = minor < 19 ? oldWelcomePage : welcomePage;
  const hasEntrypoint = minor >= 19;
  return {
    layers: [
      ...(alpine ? alpineLayers() : debianLayers()),
      commandLayer('/usr/sbin', ['nginx']),
      commandLayer('', ['docker-entrypoint.sh'], { as: { 'docker-entrypoint.sh': 'nginx-entrypoint' } }),
      ...(alpine && !tag.includes('slim') ? [commandLayer('/usr/bin', ['curl'])] : []),
      ...(alpine ? [] : [commandLayer('/usr/bin', minor >= 17 ? ['curl'] : [])]),
      filesLayer([
        ['/etc/nginx/nginx.conf', mainConfiguration],
        ['/etc/nginx/conf.d/default.conf', defaultServer],
        ['/usr/share/nginx/html/index.html', page],
        ['/usr/share/nginx/html/50x.html', serverErrorPage],
        ['/var/log/nginx/', ''],
        ['/var/cache/nginx/', ''],
        ['/docker-entrypoint.d/', ''],
      ]),
    ],
    ...(hasEntrypoint ? { entrypoint: ['/docker-entrypoint.sh'] } : {}),
    command: ['nginx', '-g', 'daemon off;'],
    env: [['NGINX_VERSION', version]],
  };
}

/** nginx that listens at 8080. */
export function unprivilegedNginx(tag: string): ImageContents {
  const contents = nginxImage(tag);
  const server = defaultServer
    .replace('listen       80;', 'listen       8080;')
    .replace('[::]:80', '[::]:8080');
  return {
    ...contents,
    layers: [...contents.layers, filesLayer([['/etc/nginx/conf.d/default.conf', server]])],
  };
}

/** The newest release of a series, as tags with two numbers mean it. */
function nginxVersion(tag: string): string {
  const whole = /^1\.\d+\.\d+/.exec(tag)?.[0];
  if (whole !== undefined) return whole;
  const series = /^1\.(\d+)/.exec(tag)?.[1];
  if (series === undefined) return tag.startsWith('stable') ? '1.26.3' : '1.27.5';
  const last = new Map([
    ['27', '5'],
    ['26', '3'],
    ['25', '5'],
    ['24', '0'],
    ['23', '4'],
    ['22', '1'],
    ['21', '6'],
    ['20', '2'],
    ['19', '10'],
    ['18', '0'],
    ['17', '10'],
    ['16', '1'],
    ['15', '12'],
    ['14', '2'],
  ]);
  return `1.${series}.${last.get(series) ?? '0'}`;
}

/** What httpd lays upon its base. */
export const apacheLayer = filesLayer([
  ['/usr/local/apache2/bin/httpd', Object.freeze({ program: 'apache' })],
  ['/usr/local/bin/httpd-foreground', '#!/bin/sh\nset -e\nexec httpd -DFOREGROUND "$@"\n'],
  ['/usr/local/apache2/htdocs/index.html', '<html><body><h1>It works!</h1></body></html>\n'],
  ['/usr/local/apache2/conf/httpd.conf', 'Listen 80\nDocumentRoot "/usr/local/apache2/htdocs"\n'],
]);
