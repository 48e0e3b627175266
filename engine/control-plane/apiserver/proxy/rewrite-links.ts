/**
 * Links of a page that came through the API server, so that they lead through it again. Source:
 * k8s.io/apimachinery/pkg/util/proxy/transport.go (rewriteURL, rewriteHTML), golang.org/x/net/html for how a tag is written.
 */
import { posix } from 'node:path';

/** What tells links to the same server from others. */
export interface LinkRules {
  /** The path up to `proxy`. */
  readonly prefix: string;
  /** The other end, as the API server dialled it. */
  readonly backendHost: string;
  /** The API server, as the client called it. */
  readonly requestHost: string;
}

/** Attributes that hold a link, by element. */
const linkAttributes: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    a: ['href'],
    applet: ['codebase'],
    area: ['href'],
    audio: ['src'],
    base: ['href'],
    blockquote: ['cite'],
    body: ['background'],
    button: ['formaction'],
    command: ['icon'],
    del: ['cite'],
    embed: ['src'],
    form: ['action'],
    frame: ['longdesc', 'src'],
    head: ['profile'],
    html: ['manifest'],
    iframe: ['longdesc', 'src'],
    img: ['longdesc', 'src', 'usemap'],
    input: ['src', 'usemap', 'formaction'],
    ins: ['cite'],
    link: ['href'],
    object: ['classid', 'codebase', 'data', 'usemap'],
    q: ['cite'],
    script: ['src'],
    source: ['src'],
    video: ['poster', 'src'],
  }),
);

const attributePattern = /([^\s=/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?/g;
/** Elements whose content is text, whatever stands in it. */
const textElements = new Set([
  'script',
  'style',
  'textarea',
  'title',
  'iframe',
  'noembed',
  'noframes',
  'xmp',
]);

/** A page with its links rewritten; start tags are written anew as a parser has read them. */
export function rewriteLinks(page: string, rules: LinkRules): string {
  const lowered = page.toLowerCase();
  const markupStart = /<!--|<([a-zA-Z][^\s/>]*)/g;
  let written = '';
  let at = 0;
  for (;;) {
    markupStart.lastIndex = at;
    const match = markupStart.exec(page);
    if (match === null) return written + page.slice(at);
    written += page.slice(at, match.index);
    const [start, element] = match;
    if (element === undefined) {
      at = endAfter(page, '-->', match.index);
      written += page.slice(match.index, at);
      continue;
    }
    const attributes = readAttributes(page, match.index + start.length);
    // A tag that never ends is left out.
    if (attributes === undefined) return written;
    const name = element.toLowerCase();
    written += formatTag(name, attributes.text, rules);
    at = attributes.end;
    if (!textElements.has(name)) continue;
    const closing = lowered.indexOf(`</${name}`, at);
    const textEnd = closing < 0 ? page.length : closing;
    written += page.slice(at, textEnd);
    at = textEnd;
  }
}

function endAfter(page: string, mark: string, from: number): number {
  const found = page.indexOf(mark, from);
  return found < 0 ? page.length : found + mark.length;
}

/** The text between a tag's name and its end. A quote that is never closed is a character like any other. */
function readAttributes(
  page: string,
  from: number,
): { readonly text: string; readonly end: number } | undefined {
  // A greater-than sign in quotes does not end a tag.
  const tagRest = /((?:"[^"]*"|'[^']*'|[^'">])*)>/y;
  tagRest.lastIndex = from;
  const match = tagRest.exec(page);
  if (match !== null) return { text: match[1] ?? '', end: tagRest.lastIndex };
  const end = page.indexOf('>', from);
  return end < 0 ? undefined : { text: page.slice(from, end), end: end + 1 };
}

function formatTag(name: string, text: string, rules: LinkRules): string {
  const isSelfClosing = text.trimEnd().endsWith('/');
  const links = linkAttributes.get(name) ?? [];
  const attributes = [...(isSelfClosing ? text.trimEnd().slice(0, -1) : text).matchAll(attributePattern)].map(
    ([, key = '', double, single, bare]) => {
      const lower = key.toLowerCase();
      const value = unescapeHtml(double ?? single ?? bare ?? '');
      return ` ${lower}="${escapeHtml(links.includes(lower) ? rewriteUrl(value, rules) : value)}"`;
    },
  );
  return `<${name}${attributes.join('')}${isSelfClosing ? '/' : ''}>`;
}

const entities: readonly (readonly [entity: string, character: string])[] = [
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&#34;', '"'],
  ['&#39;', "'"],
];

function unescapeHtml(text: string): string {
  const plain = entities.reduce((result, [entity, character]) => result.replaceAll(entity, character), text);
  return plain.replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}

function escapeHtml(text: string): string {
  const escaped = text.replaceAll('&', '&amp;');
  return entities.reduce((result, [entity, character]) => result.replaceAll(character, entity), escaped);
}

/** A link as it is followed through the API server; one that leads elsewhere stays as it is. */
export function rewriteUrl(url: string, { prefix, backendHost, requestHost }: LinkRules): string {
  const [, , host = '', path = '', rest = ''] =
    /^([a-zA-Z][a-zA-Z\d+.-]*:)?(?:\/\/([^/?#]*))?([^?#]*)(.*)$/s.exec(url) ?? [];
  const isForeign = host !== '' && host !== backendHost && host !== requestHost;
  if (isForeign || !path.startsWith('/')) return url;
  // A link that names the API server keeps its name.
  const start = host !== '' && host === requestHost ? url.slice(0, url.indexOf(host) + host.length) : '';
  return `${start}${escapePath(path.startsWith(prefix) ? path : posix.join(prefix, path))}${rest}`;
}

/** What may not stand in a path is escaped; what is escaped already stays. Source: net/url, EscapedPath. */
function escapePath(path: string): string {
  return path.replaceAll(/[^\w\-.~$&+,/:;=@%!'()*[\]]/gu, encodeURIComponent);
}
