/**
 * What proxy.Transport of k8s.io/apimachinery v0.36.0 makes of links: as the Location of an answer from 10.244.1.5:80, asked
 * for at 172.18.0.2:6443, and in its pages.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { rewriteLinks, rewriteUrl } from './rewrite-links.ts';

const recorded: Readonly<Record<'urls' | 'pages', readonly (readonly [string, string])[]>> = JSON.parse(
  readFileSync(new URL('./fixtures/links.json', import.meta.url), 'utf8'),
);
const rules = {
  prefix: '/api/v1/namespaces/default/services/web/proxy',
  backendHost: '10.244.1.5:80',
  requestHost: '172.18.0.2:6443',
};

it.each(recorded.urls)('leads %s where the real one does', (url, want) => {
  expect(rewriteUrl(url, rules)).toBe(want);
});

it.each(recorded.pages)('writes %j as the real one does', (page, want) => {
  expect(rewriteLinks(page, rules)).toBe(want);
});
