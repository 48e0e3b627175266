/**
 * What a list or watch asks for besides its selectors: from which revision, how many, and with which events at first.
 * Source: k8s.io/apimachinery/pkg/apis/meta/internalversion (validation.go, defaults.go), k8s.io/apiserver/pkg/storage
 * (interfaces.go ValidateListOptions, continue.go).
 */
import type { ApiRequest } from '../../api/request.ts';
import type { FieldError } from '../../api/scheme.ts';
import { err, ok } from '../../base/result.ts';
import {
  badRequest,
  invalid,
  type Outcome,
  plainError,
  type Refusal,
  tooLargeResourceVersion,
} from './refusals.ts';
import { isQueryTrue, queryValue } from './server-context.ts';

/** The parameters, read and checked. */
export interface ListOptions {
  /** As it was given; empty when it was not. */
  readonly resourceVersion: string;
  readonly match: '' | 'Exact' | 'NotOlderThan';
  /** 0 is no limit. */
  readonly limit: number;
  readonly token: ContinueToken | undefined;
  /** Whether a watch begins with what is there. */
  readonly sendsInitialEvents: boolean;
  readonly allowsBookmarks: boolean;
}

/** Where a list that was cut goes on. */
export interface ContinueToken {
  /** The revision of the first page; -1 takes the list as it is now. */
  readonly revision: number;
  /** Of the last object on the page before, without the collection's prefix. */
  readonly key: string;
}

/** Reads the parameters of a list, or of a watch. */
export function parseListOptions(request: ApiRequest, verb: 'list' | 'watch'): Outcome<ListOptions> {
  const value = (name: string) => queryValue(request, name) ?? '';
  const limit = parseInteger(queryValue(request, 'limit'));
  if (!limit.ok) return limit;
  const timeout = parseInteger(queryValue(request, 'timeoutSeconds'));
  if (!timeout.ok) return timeout;
  const match = value('resourceVersionMatch');
  const errors = verb === 'list' ? listProblems(request, match) : watchProblems(request, match);
  if (errors.length > 0) return err(invalid('meta.k8s.io', 'ListOptions', '', errors));
  const resourceVersion = value('resourceVersion');
  if (resourceVersion !== '' && !isRevision(resourceVersion)) {
    const why = noRevision(resourceVersion);
    return err(verb === 'watch' ? plainError(500, why) : badRequest(`invalid resource version: ${why}`));
  }
  const token = parseToken(value('continue'));
  if (!token.ok) return err(badRequest(`invalid continue token: ${token.error}`));
  if (token.value !== undefined && resourceVersion !== '' && resourceVersion !== '0') {
    return err(badRequest('specifying resource version is not allowed when using continue'));
  }
  const asked = queryValue(request, 'sendInitialEvents');
  return ok({
    resourceVersion,
    match: match === 'Exact' || match === 'NotOlderThan' ? match : '',
    limit: Math.max(0, limit.value),
    token: token.value,
    sendsInitialEvents:
      asked === undefined ? isFromAnywhere(resourceVersion) : isQueryTrue(request, 'sendInitialEvents'),
    allowsBookmarks: isQueryTrue(request, 'allowWatchBookmarks'),
  });
}

/** The refusal of a revision that is still to come. */
export function refuseFuture(resourceVersion: string, current: number): Outcome<true> {
  return Number(resourceVersion) > current
    ? err(tooLargeResourceVersion(resourceVersion, current))
    : ok(true);
}

/** Why a single object can't be read as a request's resourceVersion asks; undefined when it can. */
export function refuseRevision(request: ApiRequest, current: number): Refusal | undefined {
  const resourceVersion = queryValue(request, 'resourceVersion') ?? '';
  if (isFromAnywhere(resourceVersion)) return undefined;
  if (!isRevision(resourceVersion)) return plainError(500, noRevision(resourceVersion));
  const known = refuseFuture(resourceVersion, current);
  return known.ok ? undefined : known.error;
}

function isFromAnywhere(resourceVersion: string): boolean {
  return resourceVersion === '' || resourceVersion === '0';
}

function noRevision(text: string): string {
  const quoted = JSON.stringify(text);
  return `resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: invalid syntax`;
}

function isRevision(text: string): boolean {
  return /^[0-9]{1,20}$/.test(text);
}

function parseInteger(text: string | undefined): Outcome<number> {
  if (text === undefined) return ok(0);
  if (/^[+-]?[0-9]{1,18}$/.test(text)) return ok(Number(text));
  return err(badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`));
}

function forbidden(field: string, why: string): FieldError {
  return { type: 'FieldValueForbidden', field, message: `Forbidden: ${why}` };
}

const matchField = 'resourceVersionMatch';

function listProblems(request: ApiRequest, match: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (match !== '') {
    const resourceVersion = queryValue(request, 'resourceVersion') ?? '';
    if (resourceVersion === '') {
      errors.push(
        forbidden(matchField, 'resourceVersionMatch is forbidden unless resourceVersion is provided'),
      );
    }
    errors.push(...continueProblems(request));
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      errors.push(notSupported(match, '"Exact", "NotOlderThan", ""'));
    }
    if (match === 'Exact' && resourceVersion === '0') {
      errors.push(forbidden(matchField, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
    }
  }
  if (queryValue(request, 'sendInitialEvents') !== undefined) {
    errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  return errors;
}

function watchProblems(request: ApiRequest, match: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const isAsked = queryValue(request, 'sendInitialEvents') !== undefined;
  if (isAsked && match !== 'NotOlderThan') {
    errors.push(
      forbidden(matchField, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'),
    );
  }
  // A watch from anywhere begins with what is there, and then has a match without having been given one.
  if (match === '' && !isAsked && isFromAnywhere(queryValue(request, 'resourceVersion') ?? '')) {
    return continueProblems(request);
  }
  if (match === '') return errors;
  if (!isAsked) {
    errors.push(
      forbidden(
        matchField,
        'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
      ),
    );
  }
  if (match !== 'NotOlderThan') errors.push(notSupported(match, '"NotOlderThan"'));
  return [...errors, ...continueProblems(request)];
}

function continueProblems(request: ApiRequest): readonly FieldError[] {
  if ((queryValue(request, 'continue') ?? '') === '') return [];
  return [forbidden(matchField, 'resourceVersionMatch is forbidden when continue is provided')];
}

function notSupported(match: string, known: string): FieldError {
  return {
    type: 'FieldValueNotSupported',
    field: matchField,
    message: `Unsupported value: ${JSON.stringify(match)}: supported values: ${known}`,
  };
}

/** A token as clients hand it back. */
export function formatToken(token: ContinueToken): string {
  const json = JSON.stringify({ v: tokenVersion, rv: token.revision, start: `${token.key}\u0000` });
  return Buffer.from(json, 'utf8').toString('base64url');
}

const tokenVersion = 'meta.k8s.io/v1';
const notValid = 'continue key is not valid';

type ParsedToken =
  | { readonly ok: true; readonly value: ContinueToken | undefined }
  | { ok: false; error: string };

function parseToken(text: string): ParsedToken {
  if (text === '') return ok(undefined);
  const at = text.search(/[^A-Za-z0-9_-]/);
  if (at >= 0 || text.length % 4 === 1) {
    return err(`${notValid}: illegal base64 data at input byte ${at >= 0 ? at : text.length - 1}`);
  }
  const value = parseJson(Buffer.from(text, 'base64url').toString('utf8'));
  if (typeof value !== 'object' || value === null) return err(notValid);
  const version = 'v' in value ? value.v : '';
  const revision = 'rv' in value ? value.rv : 0;
  const start = 'start' in value ? value.start : '';
  if (version !== tokenVersion) {
    return err(`${notValid}: server does not recognize this encoded version ${String(version)}`);
  }
  if (typeof revision !== 'number' || typeof start !== 'string') return err(notValid);
  if (revision === 0) {
    return err(`${notValid}: incorrect encoded start resourceVersion (version ${tokenVersion})`);
  }
  if (start === '') return err(`${notValid}: encoded start key empty (version ${tokenVersion})`);
  const segments = start.replace(/^\//, '').split('/');
  // The first segment is empty for what has no namespace.
  if (
    segments.some((segment, index) => segment === '.' || segment === '..' || (segment === '' && index > 0))
  ) {
    return err(`${notValid}: ${start}`);
  }
  return ok({ revision, key: start.endsWith('\u0000') ? start.slice(0, -1) : start });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
