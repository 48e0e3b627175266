/** Texts, URLs and named formats. Source: cel-go/ext/strings.go, k8s.io/apiserver/pkg/cel/library (regex, urls, format). */

import { hasFormat } from '../custom/formats.ts';
import { compileGoRegexp } from '../custom/go-regexp.ts';
import {
  checkDns1035Label,
  checkDns1123Label,
  checkDns1123Subdomain,
  checkLabelValue,
  checkQualifiedName,
  type NameCheck,
} from '../validation/names.ts';
import { formatString } from './format-string.ts';
import type { FunctionTable } from './function-table.ts';
import { CelError, type CelMap, type CelValue, isList, isSpecial, type SpecialValue } from './values.ts';

const text = (value: CelValue | undefined): string => (typeof value === 'string' ? value : '');
const count = (value: CelValue | undefined): number => (typeof value === 'bigint' ? Number(value) : 0);

function characterRange(value: string, start: number, end: number): string {
  const characters = [...value];
  if (start < 0 || start > characters.length || end < start || end > characters.length) {
    throw new CelError(`index out of range: ${start < 0 || start > characters.length ? start : end}`);
  }
  return characters.slice(start, end).join('');
}

function characterAt(value: string, index: number): string {
  const characters = [...value];
  if (index < 0 || index > characters.length) throw new CelError(`index out of range: ${index}`);
  return characters[index] ?? '';
}

/** JavaScript counts UTF-16 units, CEL characters. */
function indexIn(value: string, index: number): bigint {
  return BigInt(index < 0 ? -1 : [...value.slice(0, index)].length);
}

function replace(value: string, from: string, to: string, limit: number): string {
  if (limit === 0) return value;
  const parts = value.split(from);
  if (limit < 0 || parts.length <= limit + 1) return parts.join(to);
  return [...parts.slice(0, limit), parts.slice(limit).join(from)].join(to);
}

function split(value: string, separator: string, limit: number): readonly string[] {
  if (limit === 0) return [];
  const parts = separator === '' ? [...value] : value.split(separator);
  if (limit < 0 || parts.length <= limit) return parts;
  return [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)];
}

function findAll(value: string, pattern: string, limit: number): readonly string[] {
  const compiled = compileGoRegexp(pattern);
  if (!compiled.ok) throw new CelError(`Illegal regex: ${compiled.error}`);
  const matcher = compiled.value.matcher(value);
  const found: string[] = [];
  while ((limit < 0 || found.length < limit) && matcher.find()) found.push(matcher.group() ?? '');
  return found;
}

function readUrl(value: string): SpecialValue | undefined {
  if (/\s/.test(value)) return undefined;
  try {
    if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(value))
      return { special: 'url', url: new URL(value), text: value };
    return value.startsWith('/')
      ? { special: 'url', url: new URL(value, 'http://relative'), text: value }
      : undefined;
  } catch {
    return undefined;
  }
}

function urlOf(value: CelValue | undefined): { readonly url: URL; readonly isRelative: boolean } {
  if (value === undefined || !isSpecial(value) || value.special !== 'url')
    throw new CelError('no such overload');
  return { url: value.url, isRelative: value.text.startsWith('/') };
}

function queryOf(url: URL): CelMap {
  const values = new Map<string, CelValue[]>();
  for (const [key, value] of url.searchParams) {
    const list = values.get(key) ?? [];
    values.set(key, [...list, value]);
    list.push(value);
  }
  return values;
}

const namedFormats: ReadonlyMap<string, NameCheck> = new Map<string, NameCheck>([
  ['dns1123Label', checkDns1123Label],
  ['dns1123Subdomain', checkDns1123Subdomain],
  ['dns1035Label', checkDns1035Label],
  ['qualifiedName', checkQualifiedName],
  ['labelValue', checkLabelValue],
  ['uri', (value) => (hasFormat('uri', value) ? [] : ['invalid URI'])],
  ['uuid', (value) => (hasFormat('uuid', value) ? [] : ['does not match the UUID pattern'])],
  ['byte', (value) => (hasFormat('byte', value) ? [] : ['invalid base64'])],
  ['date', (value) => (hasFormat('date', value) ? [] : ['invalid date'])],
  ['datetime', (value) => (hasFormat('date-time', value) ? [] : ['invalid datetime'])],
]);

const formatConstants: FunctionTable = Object.fromEntries(
  [...namedFormats.keys()].map((name) => [
    `format.${name}(): kubernetes.NamedFormat`,
    (): CelValue => ({ special: 'format', name }),
  ]),
);

export const stringFunctions: FunctionTable = {
  'string.charAt(int): string': (a, b) => characterAt(text(a), count(b)),
  'string.indexOf(string): int': (a, b) => indexIn(text(a), text(a).indexOf(text(b))),
  'string.indexOf(string, int): int': (a, b, c) => {
    const from = [...text(a)].slice(0, count(c)).join('').length;
    return indexIn(text(a), text(a).indexOf(text(b), from));
  },
  'string.lastIndexOf(string): int': (a, b) => indexIn(text(a), text(a).lastIndexOf(text(b))),
  'string.lowerAscii(): string': (a) => text(a).replaceAll(/[A-Z]/g, (char) => char.toLowerCase()),
  'string.upperAscii(): string': (a) => text(a).replaceAll(/[a-z]/g, (char) => char.toUpperCase()),
  'string.replace(string, string): string': (a, b, c) => replace(text(a), text(b), text(c), -1),
  'string.replace(string, string, int): string': (a, b, c, d) => replace(text(a), text(b), text(c), count(d)),
  'string.split(string): list<string>': (a, b) => split(text(a), text(b), -1),
  'string.split(string, int): list<string>': (a, b, c) => split(text(a), text(b), count(c)),
  'string.substring(int): string': (a, b) => characterRange(text(a), count(b), [...text(a)].length),
  'string.substring(int, int): string': (a, b, c) => characterRange(text(a), count(b), count(c)),
  'string.trim(): string': (a) => text(a).trim(),
  'string.reverse(): string': (a) => [...text(a)].reverse().join(''),
  'string.format(list<dyn>): string': (a, b) => formatString(text(a), b !== undefined && isList(b) ? b : []),
  'strings.quote(string): string': (a) => JSON.stringify(text(a)),
  'list<string>.join(): string': (a) => (a !== undefined && isList(a) ? a.map(text).join('') : ''),
  'list<string>.join(string): string': (a, b) =>
    a !== undefined && isList(a) ? a.map(text).join(text(b)) : '',
  'string.find(string): string': (a, b) => findAll(text(a), text(b), 1)[0] ?? '',
  'string.findAll(string): list<string>': (a, b) => findAll(text(a), text(b), -1),
  'string.findAll(string, int): list<string>': (a, b, c) => findAll(text(a), text(b), count(c)),
  'url(string): kubernetes.URL': (a) => {
    const url = readUrl(text(a));
    if (url !== undefined) return url;
    const what = `parse ${JSON.stringify(text(a))}: invalid URI for request`;
    throw new CelError(`URL parse error during conversion from string: ${what}`);
  },
  'isURL(string): bool': (a) => readUrl(text(a)) !== undefined,
  'kubernetes.URL.getScheme(): string': (a) =>
    urlOf(a).isRelative ? '' : urlOf(a).url.protocol.slice(0, -1),
  'kubernetes.URL.getHost(): string': (a) => (urlOf(a).isRelative ? '' : urlOf(a).url.host),
  'kubernetes.URL.getHostname(): string': (a) => (urlOf(a).isRelative ? '' : urlOf(a).url.hostname),
  'kubernetes.URL.getPort(): string': (a) => urlOf(a).url.port,
  'kubernetes.URL.getEscapedPath(): string': (a) => urlOf(a).url.pathname,
  'kubernetes.URL.getQuery(): map<string, list<string>>': (a) => queryOf(urlOf(a).url),
  ...formatConstants,
  'format.named(string): optional<kubernetes.NamedFormat>': (a) =>
    namedFormats.has(text(a))
      ? { special: 'optional', value: { special: 'format', name: text(a) } }
      : { special: 'optional' },
  'kubernetes.NamedFormat.validate(string): optional<list<string>>': (a, b) => {
    const check =
      a !== undefined && a !== null && isSpecial(a) && a.special === 'format'
        ? namedFormats.get(a.name)
        : undefined;
    const problems = check?.(text(b)) ?? [];
    return problems.length === 0 ? { special: 'optional' } : { special: 'optional', value: problems };
  },
};
