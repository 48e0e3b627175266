/**
 * From what a person types (`svc`, `deploy.apps`, `Pod`) or a manifest says (apiVersion, kind) to a resource:
 * apimachinery's RESTMapper with the short names of client-go's shortcut expander.
 */
import { ok } from '../../base/result.ts';
import { type Failure, failure, type Outcome } from '../failure.ts';
import type { Mapping } from './discovery.ts';

/** The kinds of one cluster, in order of preference. */
export class RestMapper {
  readonly mappings: readonly Mapping[];

  constructor(mappings: readonly Mapping[]) {
    this.mappings = mappings;
  }

  /** Finds what an argument means: plural, singular, kind or short name, with `.group` or `.version.group` behind. */
  byArgument(argument: string): Outcome<Mapping> {
    const [word = '', second, ...rest] = argument.split('.');
    if (second !== undefined && rest.length > 0) {
      const exact = this.#find(word, (one) => one.version === second && one.group === rest.join('.'));
      if (exact !== undefined) return ok(exact);
    }
    const group = argument.slice(word.length + 1);
    const found =
      group === ''
        ? this.#find(word, () => true)
        : (this.#find(word, (one) => one.group === group) ??
          this.#find(word, (one) => one.group.startsWith(group)));
    if (found !== undefined) return ok(found);
    return failure(`the server doesn't have a resource type ${JSON.stringify(word)}`);
  }

  #find(word: string, accepts: (mapping: Mapping) => boolean): Mapping | undefined {
    const name = word.toLowerCase();
    return (
      this.mappings.find((one) => accepts(one) && (one.plural === name || one.singular === name)) ??
      this.mappings.find((one) => accepts(one) && one.shortNames.includes(word)) ??
      this.mappings.find((one) => accepts(one) && one.kind === word)
    );
  }

  byKind(apiVersion: string, kind: string): Mapping | undefined {
    const { group, version } = splitApiVersion(apiVersion);
    return this.mappings.find((one) => one.group === group && one.version === version && one.kind === kind);
  }

  /** The arguments that a category (`all`) stands for; undefined when it is none. */
  expandCategory(word: string): readonly string[] | undefined {
    const members = this.mappings.filter((one) => one.categories.includes(word));
    const names = [...new Set(members.map(qualifiedResource))];
    return names.length > 0 ? names : undefined;
  }
}

/** `apps/v1` as its parts; the core group's name is empty. */
export function splitApiVersion(apiVersion: string): { readonly group: string; readonly version: string } {
  const slash = apiVersion.indexOf('/');
  if (slash < 0) return { group: '', version: apiVersion };
  return { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/** `apps/v1`, or `v1` for the core group. */
export function apiVersionOf(mapping: Mapping): string {
  return mapping.group === '' ? mapping.version : `${mapping.group}/${mapping.version}`;
}

/** A resource as messages name it: `pods`, `deployments.apps`. */
export function qualifiedResource(mapping: Mapping): string {
  return mapping.group === '' ? mapping.plural : `${mapping.plural}.${mapping.group}`;
}

/** A kind as messages about objects name it: `pod`, `deployment.apps`. */
export function qualifiedKind(mapping: Mapping): string {
  const kind = mapping.kind.toLowerCase();
  return mapping.group === '' ? kind : `${kind}.${mapping.group}`;
}

/** The path of a kind's objects, or of one of them, or of a subresource of that. */
export function resourcePath(
  mapping: Mapping,
  namespace: string,
  name?: string,
  subresource?: string,
): string {
  const root = mapping.group === '' ? `/api/${mapping.version}` : `/apis/${mapping.group}/${mapping.version}`;
  const scope = mapping.namespaced && namespace !== '' ? `/namespaces/${namespace}` : '';
  const object = name === undefined ? '' : `/${name}`;
  return `${root}${scope}/${mapping.plural}${object}${subresource === undefined ? '' : `/${subresource}`}`;
}

/** What the mapper says of a kind that the server lacks. Source: k8s.io/apimachinery/pkg/api/meta, NoKindMatchError. */
export function noKindMatch(apiVersion: string, kind: string): Failure {
  return {
    kind: 'message',
    message: `no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`,
  };
}
