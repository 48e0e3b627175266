/**
 * `kubectl create role` and `kubectl create clusterrole`.
 * Source: k8s.io/kubectl/pkg/cmd/create/create_role.go and create_clusterrole.go.
 */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import type { FlagSpec } from '../cli/flag-table.ts';
import { failure, messageOf, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import type { RestMapper } from '../rest/rest-mapper.ts';
import { createSubcommand, metadataOf, namespacedPath } from './create-object.ts';

const rbacRoot = '/apis/rbac.authorization.k8s.io/v1';

const ruleFlags: readonly FlagSpec[] = [
  { name: 'resource', type: 'stringSlice', usage: 'Resources that the rule is about.' },
  { name: 'resource-name', type: 'stringArray', usage: 'Names of the only objects that the rule is about.' },
  { name: 'verb', type: 'stringSlice', usage: 'Verbs that the rule allows.' },
];

const resourceVerbs: ReadonlySet<string> = new Set([
  '*',
  'get',
  'delete',
  'list',
  'create',
  'update',
  'patch',
  'watch',
  'proxy',
  'deletecollection',
  'use',
  'bind',
  'escalate',
  'impersonate',
]);

const nonResourceVerbs: ReadonlySet<string> = new Set([
  '*',
  'get',
  'post',
  'put',
  'delete',
  'patch',
  'head',
  'options',
]);

const roles: readonly string[] = [
  'roles.rbac.authorization.k8s.io',
  'clusterroles.rbac.authorization.k8s.io',
];

/** Verbs that mean something for some resources alone, each resource as `plural.group`. */
const specialVerbs: ReadonlyMap<string, readonly string[]> = new Map([
  // No server has this kind any more; no other may be used.
  ['use', ['podsecuritypolicies.policy', 'podsecuritypolicies.extensions']],
  ['bind', roles],
  ['escalate', roles],
  ['impersonate', ['users.', 'serviceaccounts.', 'groups.', 'userextras.authentication.k8s.io']],
]);

export const createRoleCommand = createSubcommand({
  name: 'role',
  usage:
    'NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename] [--dry-run=server|client|none]',
  short: 'Create a role with single rule',
  flags: ruleFlags,
  generate: async (invocation, name) => {
    const wish = readWish(invocation);
    const { verbs, resources } = wish;
    if (verbs.length === 0) return failure('at least one verb must be specified');
    warnOfVerbs(invocation, verbs);
    if (resources.length === 0) return failure('at least one resource must be specified');
    const rules = await resourceRules(invocation, wish);
    if (!rules.ok) return rules;
    return ok({
      object: {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata: metadataOf(invocation, name),
        rules: rules.value,
      },
      path: namespacedPath(invocation, rbacRoot, 'roles'),
      refusal: '',
    });
  },
});

export const createClusterRoleCommand = createSubcommand({
  name: 'clusterrole',
  usage:
    'NAME --verb=verb --resource=resource.group [--resource-name=resourcename] [--dry-run=server|client|none]',
  short: 'Create a cluster role',
  flags: [
    ...ruleFlags,
    {
      name: 'aggregation-rule',
      type: 'stringToString',
      usage: 'Labels of the ClusterRoles whose rules are gathered here.',
    },
    { name: 'non-resource-url', type: 'stringSlice', usage: 'Paths that the rule is about.' },
  ],
  generate: async (invocation, name) => {
    const rules = await clusterRules(invocation);
    if (!rules.ok) return rules;
    return ok({
      object: {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name },
        ...rules.value,
      },
      path: `${rbacRoot}/clusterroles`,
      refusal: '',
    });
  },
});

/** What the flags ask for; doubled words are taken once, and `*` stands alone. */
interface Wish {
  readonly verbs: readonly string[];
  readonly resources: readonly WantedResource[];
  readonly resourceNames: readonly string[];
}

interface WantedResource {
  readonly resource: string;
  readonly group: string;
  readonly subresource: string;
}

function readWish({ flags }: Invocation): Wish {
  const verbs = flags.strings('verb');
  const resources: WantedResource[] = [];
  for (const text of flags.strings('resource')) {
    const [path = '', ...behind] = text.split('/');
    const [resource = '', ...group] = path.split('.');
    const wanted = { resource, group: group.join('.'), subresource: behind.join('/') };
    if (resource === '*' && group.length === 0 && behind.length === 0) {
      resources.length = 0;
      resources.push(wanted);
      break;
    }
    resources.push(wanted);
  }
  return {
    verbs: verbs.includes('*') ? ['*'] : [...new Set(verbs)],
    resources,
    resourceNames: [...new Set(flags.strings('resource-name'))],
  };
}

function warnOfVerbs(invocation: Invocation, verbs: readonly string[]): void {
  for (const verb of verbs) {
    if (!resourceVerbs.has(verb)) invocation.err(`Warning: '${verb}' is not a standard resource verb\n`);
  }
}

/** One rule for each API group, in order of their names. */
async function resourceRules(invocation: Invocation, wish: Wish): Promise<Outcome<readonly JsonObject[]>> {
  const mapper = await invocation.client.mapper();
  if (!mapper.ok) return mapper;
  const byGroup = new Map<string, string[]>();
  for (const wanted of wish.resources) {
    if (wanted.resource === '') {
      return failure('resource must be specified if apiGroup/subresource specified');
    }
    const known = resolveResource(wanted, wish.verbs, mapper.value);
    if (!known.ok) return known;
    const { plural, group } = known.value;
    const name = wanted.subresource === '' ? plural : `${plural}/${wanted.subresource}`;
    const names = byGroup.get(group) ?? [];
    if (!names.includes(name)) names.push(name);
    byGroup.set(group, names);
  }
  const { resourceNames, verbs } = wish;
  return ok(
    [...byGroup]
      .sort(([a], [b]) => compareKeys(a, b))
      .map(([group, resources]) => ({
        apiGroups: [group],
        ...(resourceNames.length === 0 ? {} : { resourceNames }),
        resources,
        verbs,
      })),
  );
}

interface ResolvedResource {
  readonly plural: string;
  readonly group: string;
}

function resolveResource(
  { resource, group }: WantedResource,
  verbs: readonly string[],
  mapper: RestMapper,
): Outcome<ResolvedResource> {
  if (resource === '*') return ok({ plural: resource, group });
  const found = mapper.byArgument(group === '' ? resource : `${resource}.${group}`);
  const resolved = found.ok ? found.value : { plural: resource, group };
  let isSpecial = false;
  for (const verb of verbs) {
    const allowed = specialVerbs.get(verb);
    if (allowed === undefined) continue;
    if (!allowed.includes(`${resolved.plural}.${resolved.group}`)) {
      return failure(`can not perform '${verb}' on '${resolved.plural}' in group '${resolved.group}'`);
    }
    isSpecial = true;
  }
  if (found.ok || isSpecial) return ok(resolved);
  // Here the mapper's own error is printed, which carries no `error:`.
  const text = messageOf(found.error);
  return { ok: false, error: { kind: 'exit', code: 1, text } };
}

async function clusterRules(invocation: Invocation): Promise<Outcome<JsonObject>> {
  const { flags } = invocation;
  const wish = readWish(invocation);
  const { verbs, resources, resourceNames } = wish;
  const urls = [...new Set(flags.strings('non-resource-url'))];
  const aggregation = flags.strings('aggregation-rule');
  if (aggregation.length > 0) {
    if (urls.length > 0 || verbs.length > 0 || resources.length > 0 || resourceNames.length > 0) {
      return failure(
        'aggregation rule must be specified without nonResourceURLs, verbs, resources or resourceNames',
      );
    }
    const matchLabels = Object.fromEntries(
      aggregation.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
    );
    return ok({ aggregationRule: { clusterRoleSelectors: [{ matchLabels }] }, rules: null });
  }
  if (verbs.length === 0) return failure('at least one verb must be specified');
  if (resources.length === 0 && urls.length === 0) {
    return failure('one of resource or nonResourceURL must be specified');
  }
  if (resources.length > 0) warnOfVerbs(invocation, verbs);
  const rules = await resourceRules(invocation, wish);
  if (!rules.ok) return rules;
  if (urls.length === 0) return ok({ rules: rules.value });
  const problem = urlProblem(urls, verbs);
  if (problem !== undefined) return failure(problem);
  return ok({ rules: [...rules.value, { nonResourceURLs: urls, verbs }] });
}

function urlProblem(urls: readonly string[], verbs: readonly string[]): string | undefined {
  const wrong = verbs.find((verb) => !nonResourceVerbs.has(verb));
  if (wrong !== undefined) return `invalid verb: '${wrong}' for nonResourceURL`;
  for (const url of urls) {
    if (url === '*') continue;
    if (!url.startsWith('/')) return 'nonResourceURL should start with /';
    if (url.slice(0, -1).includes('*')) {
      return "nonResourceURL only supports wildcard matches when '*' is at the end";
    }
  }
  return undefined;
}
