/**
 * Filters of rules, as the data plane carries them out. Source: envoyproxy/gateway, internal/gatewayapi/filters.go.
 * Left out: ExtensionRef (Envoy Gateway's own kinds are not there).
 */
import { number, struct, structs, text, texts } from '../../api/read.ts';
import type { JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import {
  type Filters,
  type HeaderChange,
  type Mirror,
  noFilters,
  noHeaderChange,
  type PathModifier,
  type Problem,
  type Redirect,
} from './configuration.ts';
import { readCors } from './cors.ts';
import { type ReferenceView, resolveBackend } from './references.ts';

/** Filters with what is wrong with them: a filter that can't be carried out, backends of mirrors that can't be asked. */
export interface ReadFilters {
  readonly filters: Filters;
  /** The rule is not accepted, and its requests are answered with 500. */
  readonly problem?: Problem;
  /** A mirror's backend; requests go their way without it. */
  readonly mirrorProblems: readonly Problem[];
}

/** Reads the filters of a rule or of a backend. */
export function readFilters(
  view: ReferenceView,
  from: { readonly kind: string; readonly namespace: string },
  list: readonly JsonObject[],
): ReadFilters {
  let filters: Filters = noFilters;
  let problem: Problem | undefined;
  const mirrorProblems: Problem[] = [];
  for (const filter of list) {
    const read = readFilter(view, from, filter, filters);
    if (!read.ok) {
      problem ??= { reason: 'UnsupportedValue', message: read.error };
      continue;
    }
    filters = read.value;
    const mirror = text(filter, 'type') === 'RequestMirror' ? filters.mirrors.at(-1) : undefined;
    if (mirror?.backend.problem !== undefined) mirrorProblems.push(mirror.backend.problem);
  }
  if (filters.redirect !== undefined && filters.mirrors.length > 0) {
    const message =
      'RequestMirror filter cannot be used when the rule also configures a RequestRedirect filter';
    problem ??= { reason: 'IncompatibleFilters', message };
  }
  const asked = {
    ...filters,
    mirrors: filters.mirrors.filter(({ backend }) => backend.problem === undefined),
  };
  return { filters: asked, mirrorProblems, ...(problem === undefined ? {} : { problem }) };
}

function readFilter(
  view: ReferenceView,
  from: { readonly kind: string; readonly namespace: string },
  filter: JsonObject,
  known: Filters,
): Result<Filters, string> {
  const type = text(filter, 'type');
  switch (type) {
    case 'RequestHeaderModifier': {
      const change = readHeaderChange(type, struct(filter, 'requestHeaderModifier'), known.request);
      return change.ok ? ok({ ...known, request: change.value }) : change;
    }
    case 'ResponseHeaderModifier': {
      const change = readHeaderChange(type, struct(filter, 'responseHeaderModifier'), known.response);
      return change.ok ? ok({ ...known, response: change.value }) : change;
    }
    case 'RequestRedirect': {
      if (known.redirect !== undefined)
        return err('cannot configure multiple requestRedirect filters for a single HTTPRouteRule');
      return ok({ ...known, redirect: readRedirect(struct(filter, 'requestRedirect')) });
    }
    case 'URLRewrite': {
      if (known.rewrite !== undefined)
        return err('cannot configure multiple urlRewrite filters for a single HTTPRouteRule');
      return ok({ ...known, rewrite: readTarget(struct(filter, 'urlRewrite')) });
    }
    case 'RequestMirror':
      return ok({
        ...known,
        mirrors: [...known.mirrors, readMirror(view, from, struct(filter, 'requestMirror'))],
      });
    case 'CORS': {
      if (known.cors !== undefined)
        return err('cannot configure multiple cors filters for a single HTTPRouteRule');
      return ok({ ...known, cors: readCors(struct(filter, 'cors')) });
    }
    case 'ExtensionRef': {
      const reference = struct(filter, 'extensionRef');
      return err(`unknown kind ${text(reference, 'group')}/${text(reference, 'kind')}`);
    }
    default:
      return err(`unsupported filter type ${type}`);
  }
}

/** Field values as RFC 9110 lets them be: visible characters with single blanks between them. */
const fieldValue = /^[!-~]+(?:[\t ][!-~]+)*$/;

function readHeaderChange(
  filter: string,
  change: JsonObject,
  known: HeaderChange,
): Result<HeaderChange, string> {
  const set = [...known.set];
  const add = [...known.add];
  const remove = [...known.remove];
  const isKnown = (name: string) =>
    [...set, ...add].some(([other]) => other.toLowerCase() === name.toLowerCase());
  for (const [kind, fields] of [
    ['add', add],
    ['set', set],
  ] as const) {
    for (const entry of structs(change, kind)) {
      const name = text(entry, 'name');
      const value = text(entry, 'value');
      if (!isModifiable(name)) {
        const hint =
          filter === 'RequestHeaderModifier'
            ? ' To modify the Host header use the URLRewrite or the HTTPRouteFilter filter.'
            : '';
        return err(
          `Header: "${name}". The ${filter} filter cannot ${kind} the Host header or headers with a '/' or ':' character in them.${hint}`,
        );
      }
      if (!fieldValue.test(value))
        return err(`Header: "${name}". ${filter} Filter cannot ${kind} a header with an invalid value.`);
      if (!isKnown(name)) fields.push([name, value]);
    }
  }
  for (const name of texts(change, 'remove')) {
    if (!isModifiable(name)) {
      return err(
        `Header: "${name}". The ${filter} filter cannot remove the Host header or headers with a '/' or ':' character in them.`,
      );
    }
    remove.push(name);
  }
  return ok(set.length + add.length + remove.length === 0 ? noHeaderChange : { set, add, remove });
}

function isModifiable(name: string): boolean {
  return name !== '' && !/[/:]/.test(name) && name.toLowerCase() !== 'host';
}

function readRedirect(redirect: JsonObject): Redirect {
  const scheme = text(redirect, 'scheme');
  const port = number(redirect, 'port');
  return {
    ...readTarget(redirect),
    ...(scheme === '' ? {} : { scheme }),
    ...(port === undefined ? {} : { port }),
    status: number(redirect, 'statusCode') ?? 302,
  };
}

function readTarget(target: JsonObject): { readonly hostname?: string; readonly path?: PathModifier } {
  const hostname = text(target, 'hostname');
  const path = struct(target, 'path');
  const type = text(path, 'type');
  return {
    ...(hostname === '' ? {} : { hostname }),
    ...(type === 'ReplaceFullPath'
      ? { path: { type: 'ReplaceFullPath', value: text(path, 'replaceFullPath') } }
      : type === 'ReplacePrefixMatch'
        ? { path: { type: 'ReplacePrefixMatch', value: text(path, 'replacePrefixMatch') } }
        : {}),
  };
}

function readMirror(
  view: ReferenceView,
  from: { readonly kind: string; readonly namespace: string },
  mirror: JsonObject,
): Mirror {
  const fraction = struct(mirror, 'fraction');
  const percent = number(mirror, 'percent');
  const share =
    percent !== undefined
      ? percent / 100
      : (number(fraction, 'numerator') ?? 1) / (number(fraction, 'denominator') ?? 100);
  return {
    backend: resolveBackend(view, from, struct(mirror, 'backendRef')),
    fraction: percent === undefined && Object.keys(fraction).length === 0 ? 1 : share,
  };
}
