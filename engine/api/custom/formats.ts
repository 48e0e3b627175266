/**
 * The formats of texts that schemas may name. Source: apiextensions-apiserver/pkg/apiserver/validation/formats.go for which
 * are known, kube-openapi/pkg/validation/strfmt for what they mean.
 *
 * Differs: the check digits of ISBN and credit card numbers are not calculated.
 */
import ipaddr from 'ipaddr.js';
import { byteLength, checkDns1123Label, checkDns1123Subdomain } from '../validation/names.ts';
import { parseGoDuration } from './go-duration.ts';
import { matchesGoRegexp } from './go-regexp.ts';

type FormatCheck = (text: string) => boolean;

const hexadecimal = (groups: string): FormatCheck => {
  const pattern = new RegExp(`^${groups}$`, 'i');
  return (text) => pattern.test(text);
};

/** By their names without dashes, which is how upstream compares them. */
const formats: ReadonlyMap<string, FormatCheck> = new Map<string, FormatCheck>([
  ['bsonobjectid', hexadecimal('[0-9a-f]{24}')],
  ['uri', isRequestUri],
  ['email', (text) => /^[^\s@<>"]+@[^\s@<>"]+$/.test(text)],
  ['hostname', isHostname],
  ['ipv4', (text) => ipaddr.IPv4.isValidFourPartDecimal(text)],
  ['ipv6', (text) => text.includes(':') && !text.includes('%') && ipaddr.IPv6.isValid(text)],
  ['cidr', isCidr],
  ['mac', hexadecimal('(?:[0-9a-f]{2}([:-]))(?:[0-9a-f]{2}\\1){4}(?:[0-9a-f]{2}\\1){0,2}[0-9a-f]{2}')],
  ['uuid', hexadecimal('[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}')],
  ['uuid3', hexadecimal('[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}')],
  ['uuid4', hexadecimal('[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}')],
  ['uuid5', hexadecimal('[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}')],
  ['isbn', (text) => /^(?:[0-9]{9}[0-9xX]|[0-9]{13})$/.test(text.replaceAll(/[ -]/g, ''))],
  ['isbn10', (text) => /^[0-9]{9}[0-9xX]$/.test(text.replaceAll(/[ -]/g, ''))],
  ['isbn13', (text) => /^[0-9]{13}$/.test(text.replaceAll(/[ -]/g, ''))],
  ['creditcard', (text) => /^[0-9]{13,16}$/.test(text.replaceAll(/[^0-9]/g, ''))],
  ['ssn', (text) => /^[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}$/.test(text)],
  ['hexcolor', hexadecimal('#?(?:[0-9a-f]{3}|[0-9a-f]{6})')],
  ['rgbcolor', isRgbColor],
  ['byte', (text) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)],
  ['password', () => true],
  ['date', isDate],
  ['duration', isDuration],
  ['datetime', isDateTime],
  ['k8sshortname', (text) => checkDns1123Label(text).length === 0],
  ['k8slongname', (text) => checkDns1123Subdomain(text).length === 0],
]);

const numericFormats: ReadonlyMap<string, readonly string[]> = new Map([
  ['integer', ['int32', 'int64']],
  ['number', ['float', 'double']],
]);

/** Whether the server heeds a format for values of a type; others are as if they were not there. */
export function isSupportedFormat(type: string, format: string): boolean {
  if (type === '' || type === 'string') return formats.has(format.replaceAll('-', ''));
  return numericFormats.get(type)?.includes(format) ?? false;
}

/** Whether a text has a format. */
export function hasFormat(format: string, text: string): boolean {
  return formats.get(format.replaceAll('-', ''))?.(text) ?? true;
}

function isRequestUri(text: string): boolean {
  if ([...text].some((character) => character <= ' ' || character === '\u007f')) return false;
  return text.startsWith('/') || /^[A-Za-z][A-Za-z0-9+.-]*:/.test(text);
}

/** Source: HostnamePattern and IsHostname of strfmt; no label longer than 63 bytes, 255 in all. */
function isHostname(text: string): boolean {
  const single = '[a-zA-Z0-9\\p{S}\\p{L}]((-?[a-zA-Z0-9\\p{S}\\p{L}]{0,62})?)';
  const label = '[a-zA-Z0-9\\p{S}\\p{L}](([a-zA-Z0-9-\\p{S}\\p{L}]{0,61}[a-zA-Z0-9\\p{S}\\p{L}])?)';
  const pattern = `^(${single}|(${label}(\\.)){1,}([a-zA-Z\\p{L}]){2,63})$`;
  if (byteLength(text) > 255 || !matchesGoRegexp(pattern, text)) return false;
  return (
    text.split('.').every((part) => byteLength(part) <= 63) && !/^[-.]|[-.]$|[^\p{L}\p{S}0-9.-]/u.test(text)
  );
}

function isCidr(text: string): boolean {
  const [address = '', length = '', ...rest] = text.split('/');
  if (rest.length > 0 || !/^(?:0|[1-9][0-9]{0,2})$/.test(length)) return false;
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return Number(length) <= 32;
  return address.includes(':') && ipaddr.IPv6.isValid(address) && Number(length) <= 128;
}

function isRgbColor(text: string): boolean {
  const match = /^rgb\(\s*([0-9]{1,3})\s*,\s*([0-9]{1,3})\s*,\s*([0-9]{1,3})\s*\)$/.exec(text);
  return match?.slice(1).every((part) => Number(part) <= 255) ?? false;
}

function isDate(text: string): boolean {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function isDateTime(text: string): boolean {
  const [date = '', time = ''] = text.toLowerCase().split('t');
  const match = /^([0-9]{2}):([0-9]{2}):([0-9]{2})(?:.[0-9]+)?(?:z|[+-][0-9]{2}:[0-9]{2})$/.exec(time);
  if (match === null || !isDate(date)) return false;
  const [, hours = '', minutes = '', seconds = ''] = match;
  return hours <= '23' && minutes <= '59' && seconds <= '59';
}

/** Go's durations, and a number with a unit in words. */
function isDuration(text: string): boolean {
  if (parseGoDuration(text) !== undefined) return true;
  const units = 'ns|nano|us|µs|micro|ms|milli|s|sec|m|min|h|hr|hour|d|day|w|wk|week';
  return new RegExp(`[0-9]+\\s*(?:${units})`, 'i').test(text);
}
