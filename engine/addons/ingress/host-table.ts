/**
 * What nginx is configured to for one host: its locations, and which of them takes a path. An Exact path is an exact
 * location; a Prefix is one for the path itself and one for everything below it; ImplementationSpecific is a prefix of
 * letters. Exact comes first, then the longest. When one Ingress of a host wants regular expressions, all its locations become
 * such, compared without regard to case from the path's beginning, the longest written one first.
 * Source: ingress-nginx, internal/ingress/controller/location.go, template.go (buildLocation, enforceRegexModifier);
 * ngx_http_core_module, location.
 * Differs: a Prefix that is written with a slash at its end takes the path without it too, as Kubernetes lays it down, where
 * nginx answers 301.
 */
import type { RE2JS } from 're2js';
import { compileGoRegexp } from '../../api/custom/go-regexp.ts';
import type { IngressBackend } from '../../api/types/kinds.ts';
import type { Settings } from './annotations.ts';

/** One path of a rule, or what a host's default backend takes. */
export interface PathRule {
  /** `namespace/name` of the Ingress. */
  readonly ingress: string;
  readonly namespace: string;
  /** As the rule says it; `/` for a default backend. */
  readonly path: string;
  readonly pathType: 'Exact' | 'Prefix' | 'ImplementationSpecific';
  /** Absent: the controller's own default backend. */
  readonly backend?: IngressBackend;
  readonly isDefaultBackend: boolean;
  readonly settings: Settings;
  /** Canary Ingresses with the same host and path, the oldest first. */
  readonly canaries: readonly CanaryRule[];
}

/** What a canary Ingress says for a path. */
export interface CanaryRule {
  /** `namespace/name` of the Ingress. */
  readonly ingress: string;
  readonly backend: IngressBackend;
  readonly settings: Settings;
}

/** What a path led to. */
export interface FoundRule {
  readonly rule: PathRule;
  /** What of the path the location is written as. */
  readonly location: string;
  /** The groups of a regular expression that the rewrite target may name. */
  readonly matcher?: RE2JS;
}

/** A host's locations, made for being asked. */
export interface HostTable {
  readonly host: string;
  /** In the order in which they count: of two with one path and type the first stands alone. */
  readonly rules: readonly PathRule[];
  readonly isRegex: boolean;
  /** The rule that takes a path; there always is one, if only the default backend. */
  find(path: string): FoundRule | undefined;
}

/** Makes the table of a host from its rules: the first of two with one path and type counts. */
export function createHostTable(host: string, rules: readonly PathRule[]): HostTable {
  const isRegex = rules.some(({ settings, path }) => settings.useRegex || isRewritten(settings, path));
  return { host, rules, isRegex, find: isRegex ? regexFinder(rules) : plainFinder(rules) };
}

/** Whether requests of a path get another one. */
export function isRewritten({ rewriteTarget }: Settings, path: string): boolean {
  return rewriteTarget !== '' && rewriteTarget !== path;
}

function plainFinder(rules: readonly PathRule[]): HostTable['find'] {
  const exact = new Map<string, PathRule>();
  const prefixes = new Map<string, PathRule>();
  const fallback = rules.find(({ isDefaultBackend }) => isDefaultBackend);
  for (const rule of rules) {
    if (rule.isDefaultBackend) continue;
    if (rule.pathType === 'Exact') setOnce(exact, rule.path, rule);
    if (rule.pathType === 'Prefix') setOnce(prefixes, withSlash(rule.path), rule);
  }
  for (const rule of rules) {
    if (rule.isDefaultBackend) continue;
    if (rule.pathType === 'ImplementationSpecific') setOnce(prefixes, rule.path, rule);
    // nginx knows no path elements: what a Prefix says about the path itself is an exact location.
    else if (rule.pathType === 'Prefix' && rule.path !== '/') {
      setOnce(exact, rule.path, rule);
      if (rule.path.endsWith('/')) setOnce(exact, rule.path.slice(0, -1), rule);
    }
  }
  if (fallback !== undefined) setOnce(prefixes, '/', fallback);
  const lengths = [...new Set([...prefixes.keys()].map(({ length }) => length))].sort((a, b) => b - a);
  return (path) => {
    const whole = exact.get(path);
    if (whole !== undefined) return { rule: whole, location: path };
    for (const length of lengths) {
      if (length > path.length) continue;
      const location = path.slice(0, length);
      const rule = prefixes.get(location);
      if (rule !== undefined) return { rule, location };
    }
    return undefined;
  };
}

function regexFinder(rules: readonly PathRule[]): HostTable['find'] {
  const locations: { readonly text: string; readonly rule: PathRule; readonly matcher: RE2JS }[] = [];
  const texts = new Set<string>();
  const add = (text: string, rule: PathRule) => {
    if (texts.has(text)) return;
    texts.add(text);
    const compiled = compileGoRegexp(`(?i)^${text}`);
    // nginx would not start with an expression that is none; the path is passed over instead.
    if (compiled.ok) locations.push({ text, rule, matcher: compiled.value });
  };
  for (const rule of rules) {
    const isPlainPrefix =
      rule.pathType === 'Prefix' &&
      rule.path !== '/' &&
      !rule.settings.useRegex &&
      !isRewritten(rule.settings, rule.path);
    if (isPlainPrefix) add(withSlash(rule.path), rule);
    add(rule.path, rule);
  }
  locations.sort((a, b) => b.text.length - a.text.length);
  return (path) => {
    const found = locations.find(({ matcher }) => matcher.matcher(path).find());
    return found && { rule: found.rule, location: found.text, matcher: found.matcher };
  };
}

function setOnce(map: Map<string, PathRule>, key: string, rule: PathRule): void {
  if (!map.has(key)) map.set(key, rule);
}

function withSlash(path: string): string {
  return path.endsWith('/') ? path : `${path}/`;
}
