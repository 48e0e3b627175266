/**
 * From arguments and flags to the objects that a command works on: cli-runtime's resource.Builder. Sentences that
 * start with a lower-case letter are the builder's own.
 */
import { ok } from '../../base/result.ts';
import { type Failure, failure, type Outcome } from '../failure.ts';
import type { Mapping } from './discovery.ts';
import type { RestMapper } from './rest-mapper.ts';

/** What a command line asks for, before any request is made. */
export type Selection =
  /** All objects of these kinds that the selectors let through. */
  | { readonly by: 'selector'; readonly mappings: readonly Mapping[] }
  | {
      readonly by: 'name';
      readonly items: readonly { readonly mapping: Mapping; readonly name: string }[];
      readonly isSingle: boolean;
    };

/** What narrows the choice. */
export interface SelectionOptions {
  readonly hasSelector: boolean;
  /** `--all`: every object of the kinds. */
  readonly all?: boolean;
  /** A kind alone means all its objects, as for get and describe. */
  readonly allowEmptySelector?: boolean;
  readonly singleResourceType?: boolean;
  readonly subresource?: string;
}

/** What the builder says when it was given nothing. */
export const missingResourceMessage = `You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'`;

/** Reads `TYPE`, `TYPE,TYPE`, `TYPE NAME…` and `TYPE/NAME…`. */
export function selectResources(
  args: readonly string[],
  mapper: RestMapper,
  options: SelectionOptions,
): Outcome<Selection> {
  const words = crossTypesWithNames(args);
  const slashes = words.filter((word) => word.includes('/')).length;
  if (slashes > 0 && slashes !== words.length) {
    return failure(
      "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'",
    );
  }
  if (slashes > 0) return selectTuples(words, mapper, options);
  const [types, ...names] = words;
  const wantsAll =
    options.hasSelector || options.all === true || (names.length === 0 && options.allowEmptySelector);
  if (wantsAll) return selectAll(types, names, mapper, options);
  if (types === undefined) return failure(missingResourceMessage);
  const mappings = mapTypes(types, mapper, options);
  if (!mappings.ok) return mappings;
  if (names.length === 0) return failure('resource(s) were provided, but no name was specified');
  const [mapping, another] = mappings.value;
  if (mapping === undefined || another !== undefined) return failure('you must specify only one resource');
  return ok({ by: 'name', items: names.map((name) => ({ mapping, name })), isSingle: names.length === 1 });
}

/** `a,b x` means `a/x b/x`. */
function crossTypesWithNames(args: readonly string[]): readonly string[] {
  const [types = '', ...names] = args;
  const parts = splitTypes(types);
  if (names.length === 0 || parts.length < 2) return args;
  return parts.flatMap((type) => names.map((name) => `${type}/${name}`));
}

function splitTypes(types: string): readonly string[] {
  return [...new Set(types.split(','))];
}

function selectTuples(
  words: readonly string[],
  mapper: RestMapper,
  options: SelectionOptions,
): Outcome<Selection> {
  const items: { mapping: Mapping; name: string }[] = [];
  const problems: Failure[] = [];
  for (const word of words) {
    const tuple = word.split('/');
    const [type = '', name = ''] = tuple;
    if (tuple.length !== 2)
      return failure('arguments in resource/name form may not have more than one slash');
    if (type === '' || name === '' || type.includes(',')) {
      return failure('arguments in resource/name form must have a single resource and name');
    }
    const mapping = mapper.byArgument(type);
    if (mapping.ok) items.push({ mapping: mapping.value, name });
    else problems.push(mapping.error);
  }
  if (options.hasSelector || options.all === true) {
    return failure('selectors and the all flag cannot be used when passing resource/name arguments');
  }
  const [problem] = problems;
  if (problem !== undefined) return { ok: false, error: problem };
  if (options.singleResourceType === true && new Set(items.map((item) => item.mapping)).size > 1) {
    return failure('you may only specify a single resource type');
  }
  return ok({ by: 'name', items, isSingle: words.length === 1 });
}

function selectAll(
  types: string | undefined,
  names: readonly string[],
  mapper: RestMapper,
  options: SelectionOptions,
): Outcome<Selection> {
  if (names.length > 0) return failure('name cannot be provided when a selector is specified');
  if (types === undefined) return failure('at least one resource must be specified to use a selector');
  if (options.subresource !== undefined && options.subresource !== '') {
    return failure('subresource cannot be used when bulk resources are specified');
  }
  const mappings = mapTypes(types, mapper, options);
  return mappings.ok ? ok({ by: 'selector', mappings: mappings.value }) : mappings;
}

function mapTypes(types: string, mapper: RestMapper, options: SelectionOptions): Outcome<readonly Mapping[]> {
  const words = types.split(',').flatMap((type) => mapper.expandCategory(type) ?? [type]);
  const distinct = [...new Set(words)];
  if (options.singleResourceType === true && distinct.length > 1) {
    return failure('you may only specify a single resource type');
  }
  const mappings: Mapping[] = [];
  for (const word of distinct) {
    const mapping = mapper.byArgument(word);
    if (!mapping.ok) return mapping;
    if (!mappings.includes(mapping.value)) mappings.push(mapping.value);
  }
  return ok(mappings);
}
