/** `kubectl auth can-i`. Source: k8s.io/kubectl/pkg/cmd/auth/cani.go. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import { allNamespacesFlag } from '../cli/flags.ts';
import { type Failure, failure, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { alignTabs, tableLayout } from '../printers/tab-writer.ts';
import type { Mapping } from '../rest/discovery.ts';
import { objectAt, objectsAt, stringAt, valueAt } from '../rest/object-fields.ts';
import { complainOfDiscovery } from '../unreachable.ts';
import { compactRules, ruleLines, rulesOfReview } from './rbac-rules.ts';

export const canICommand: Command = {
  name: 'can-i',
  usage: 'VERB [TYPE | TYPE/NAME | NONRESOURCEURL]',
  short: 'Check whether an action is allowed',
  flags: [
    allNamespacesFlag,
    { name: 'list', type: 'bool', initial: 'false', usage: 'Shows all that is allowed.' },
    { name: 'no-headers', type: 'bool', initial: 'false', usage: 'Leaves the line of headers out.' },
    { name: 'quiet', short: 'q', type: 'bool', initial: 'false', usage: 'Answers by the exit code alone.' },
    { name: 'subresource', type: 'string', usage: 'A subresource: log, scale.' },
  ],
  run: runCanI,
};

const resourceVerbs: ReadonlySet<string> = new Set(
  'get list watch create update patch delete deletecollection use bind impersonate * approve sign escalate attest'.split(
    ' ',
  ),
);
const urlVerbs: ReadonlySet<string> = new Set('get put post head options delete patch *'.split(' '));
/** Resources that no server lists, but that the verb impersonate knows. */
const unlisted: ReadonlySet<string> = new Set(['users', 'groups']);

async function runCanI(invocation: Invocation): Promise<Outcome<void>> {
  const { args, flags } = invocation;
  if (flags.bool('list')) {
    if (args.length > 0) return failure('list option must be specified with no arguments');
    if (flags.bool('quiet') || flags.bool('all-namespaces') || flags.string('subresource') !== '') {
      return failure(
        "list option can't be specified with neither quiet, all-namespaces nor subresource options",
      );
    }
    return listAccess(invocation);
  }
  const [verb, target] = args;
  if (verb === undefined || target === undefined || args.length !== 2) {
    return failure(
      "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.",
    );
  }
  const spec = target.startsWith('/')
    ? urlAttributes(invocation, verb, target)
    : await resourceAttributes(invocation, verb, target);
  if (!spec.ok) return spec;
  if (flags.bool('no-headers')) return failure('--no-headers cannot be set without --list specified');
  return checkAccess(invocation, spec.value);
}

function urlAttributes(invocation: Invocation, verb: string, path: string): Outcome<JsonObject> {
  if (invocation.flags.string('subresource') !== '')
    return failure('--subresource can not be used with NonResourceURL');
  if (!urlVerbs.has(verb)) warn(invocation, `verb '${verb}' is not a known verb\n`);
  return ok({ nonResourceAttributes: { path, verb } });
}

async function resourceAttributes(
  invocation: Invocation,
  verb: string,
  target: string,
): Promise<Outcome<JsonObject>> {
  const { flags } = invocation;
  const slash = target.indexOf('/');
  const type = slash < 0 ? target : target.slice(0, slash);
  const name = slash < 0 ? '' : target.slice(slash + 1);
  const mapper = await invocation.client.mapper();
  if (!mapper.ok) return unknownAttributes(invocation, type, mapper.error);
  const found = type === '*' ? undefined : mapper.value.byArgument(type.toLowerCase());
  if (found?.ok === false) warnOfUnknown(invocation, type.toLowerCase());
  const mapping = found?.ok === true ? found.value : undefined;
  const isEverywhere = flags.bool('all-namespaces');
  if (!isEverywhere) warnOfScope(invocation, mapping);
  if (!isEverywhere && !resourceVerbs.has(verb)) warn(invocation, `verb '${verb}' is not a known verb\n`);
  const attributes: Readonly<Record<string, string>> = {
    namespace: isEverywhere ? '' : invocation.namespace,
    verb,
    group: mapping?.group ?? '',
    resource: mapping?.plural ?? type,
    subresource: flags.string('subresource'),
    name,
  };
  const given = Object.entries(attributes).filter(([, value]) => value !== '');
  return ok({ resourceAttributes: Object.fromEntries(given) });
}

/** Without a server no kind is known, which is told before the question itself fails. */
function unknownAttributes(invocation: Invocation, type: string, problem: Failure): Outcome<JsonObject> {
  if (problem.kind === 'unreachable' && problem.server !== undefined) {
    complainOfDiscovery(invocation, problem.server, 2);
    warnOfUnknown(invocation, type.toLowerCase());
  }
  return { ok: false, error: problem };
}

function warnOfUnknown(invocation: Invocation, type: string): void {
  if (unlisted.has(type)) return;
  const dot = type.indexOf('.');
  const group = dot < 0 ? '' : ` in group '${type.slice(dot + 1)}'`;
  warn(
    invocation,
    `the server doesn't have a resource type '${dot < 0 ? type : type.slice(0, dot)}'${group}\n`,
  );
}

function warnOfScope(invocation: Invocation, mapping: Mapping | undefined): void {
  if (mapping === undefined || mapping.namespaced) return;
  const group = mapping.group === '' ? '' : ` in group '${mapping.group}'`;
  warn(invocation, `resource '${mapping.plural}' is not namespace scoped${group}\n`);
}

function warn(invocation: Invocation, text: string): void {
  invocation.err(`Warning: ${text}\n`);
}

async function checkAccess(invocation: Invocation, spec: JsonObject): Promise<Outcome<void>> {
  const review = await invocation.client.post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec,
  });
  if (!review.ok) return review;
  const status = objectAt(review.value, 'status');
  const isAllowed = valueAt(status, 'allowed') === true;
  const notes = ['reason', 'evaluationError']
    .map((field) => stringAt(status, field))
    .filter((text) => text !== '');
  if (!invocation.flags.bool('quiet')) {
    invocation.out(isAllowed ? 'yes\n' : `no${notes.map((note) => ` - ${note}`).join('')}\n`);
  }
  return isAllowed ? ok(undefined) : { ok: false, error: { kind: 'exit', code: 1, text: '' } };
}

async function listAccess(invocation: Invocation): Promise<Outcome<void>> {
  const review = await invocation.client.post('/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectRulesReview',
    spec: { namespace: invocation.namespace },
  });
  if (!review.ok) return review;
  const status = objectAt(review.value, 'status');
  if (valueAt(status, 'incomplete') === true) {
    warn(invocation, `the list may be incomplete: ${stringAt(status, 'evaluationError')}`);
  }
  const rules = compactRules(
    rulesOfReview(objectsAt(status, 'resourceRules'), objectsAt(status, 'nonResourceRules')),
  );
  const lines = ruleLines(rules).map((line) => `${line}\n`);
  const header = 'Resources\tNon-Resource URLs\tResource Names\tVerbs\n';
  const text = (invocation.flags.bool('no-headers') ? '' : header) + lines.join('');
  invocation.out(alignTabs(text, tableLayout));
  return ok(undefined);
}
