/** What curl makes of a URL before it goes anywhere. Source: libcurl-url(3), curl 8.16, lib/urlapi.c. */
import { err, ok, type Result } from '../../base/result.ts';
import type { CurlFailure } from './curl-failure.ts';
import { type ParsedUrl, parseUrl } from './url.ts';

/** The URL taken apart as it is sent, or what is wrong with it. */
export function checkUrl(text: string, isAsIs: boolean): Result<ParsedUrl, CurlFailure> {
  const url = parseUrl(text);
  if (url === undefined || /[\s]/.test(text)) {
    const problem =
      /^[a-z]+:\/\/$/i.test(text) || text === ''
        ? 'No host part in the URL'
        : /^(?:[a-z]+:\/\/)?[^/?#\s]+:[^/?#\s]+(?:[/?#]|$)/i.test(text)
          ? 'Port number was not a decimal number between 0 and 65535'
          : 'Malformed input to a URL function';
    return err({ code: 3, message: `URL rejected: ${problem}` });
  }
  if (url.scheme !== 'http' && url.scheme !== 'https') {
    return err({ code: 1, message: `Protocol "${url.scheme}" not supported` });
  }
  const target = isAsIs ? url.target : withoutDots(url.target);
  return ok({
    ...url,
    target: target.replace(/[\u0080-\u{10ffff}]+/gu, (found) => encodeURI(found).toLowerCase()),
  });
}

/** A target with its dot segments resolved. Source: RFC 3986, section 5.2.4; curl(1), --path-as-is. */
function withoutDots(target: string): string {
  const [path = '/', ...query] = target.split('?');
  if (!path.includes('/.')) return target;
  const kept: string[] = [];
  const parts = path.split('/').slice(1);
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    if (part === '..') kept.pop();
    if (part !== '..' && part !== '.') kept.push(part);
    else if (isLast) kept.push('');
  }
  return [`/${kept.join('/')}`, ...query].join('?');
}
