/**
 * Small rules that the fields of many kinds share.
 */
import type { JsonObject } from '../../base/json.ts';
import { invalid, notSupported, required } from '../field-errors.ts';
import { has, number, text } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import {
  checkDns1123Subdomain,
  checkHttpPath,
  checkPathSegmentName,
  checkPortName,
  checkPortNumber,
  type NameCheck,
} from './names.ts';

/** The problems that a check finds in one text. */
export function validateText(path: string, value: string, check: NameCheck): FieldError[] {
  return check(value).map((problem) => invalid(path, value, problem));
}

/** A field that must hold one of some words. */
export function validateChoice(
  path: string,
  object: JsonObject,
  key: string,
  words: readonly string[],
): FieldError[] {
  const value = text(object, key);
  if (value === '') return [required(`${path}.${key}`)];
  return words.includes(value) ? [] : [notSupported(`${path}.${key}`, value, words)];
}

/** A field that must hold one of some words; none at all is only one more that is not known. */
export function validateWord(
  path: string,
  object: JsonObject,
  key: string,
  words: readonly string[],
): FieldError[] {
  const value = text(object, key);
  return words.includes(value) ? [] : [notSupported(`${path}.${key}`, value, words)];
}

/** A field that may be absent, else must hold one of some words. */
export function validateOptionalChoice(
  path: string,
  object: JsonObject,
  key: string,
  words: readonly string[],
): FieldError[] {
  return has(object, key) ? validateWord(path, object, key, words) : [];
}

/** A number that must not be below zero. */
export function validateNonnegative(path: string, object: JsonObject, key: string): FieldError[] {
  const value = number(object, key) ?? 0;
  return value < 0 ? [invalid(`${path}.${key}`, value, 'must be greater than or equal to 0')] : [];
}

/** A port by number or by name. */
export function validatePortNumberOrName(path: string, value: JsonObject[string] | undefined): FieldError[] {
  if (typeof value === 'string') return validateText(path, value, checkPortName);
  const port = typeof value === 'number' ? value : 0;
  return checkPortNumber(port).map((problem) => invalid(path, port, problem));
}

/** A name of somebody's own: `example.com/controller`. Source: IsDomainPrefixedPath. */
export function validateDomainPrefixedPath(path: string, value: string): FieldError[] {
  if (value === '') return [required(path)];
  const slash = value.indexOf('/');
  const [host, rest] = [value.slice(0, Math.max(slash, 0)), value.slice(slash + 1)];
  if (slash < 0 || host === '' || rest === '') {
    return [invalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  }
  return [
    ...validateText(path, host, checkDns1123Subdomain),
    ...checkHttpPath(rest).map((problem) => invalid(path, rest, problem)),
  ];
}

/** A required name that goes into a path of the API. */
export function validatePathSegment(path: string, object: JsonObject, key: string): FieldError[] {
  const value = text(object, key);
  if (value === '') return [required(`${path}.${key}`)];
  return validateText(`${path}.${key}`, value, checkPathSegmentName);
}

/** The transport protocols, sorted as upstream lists them. */
export const protocols: readonly string[] = ['SCTP', 'TCP', 'UDP'];
