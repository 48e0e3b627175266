/** What the sub-commands of `kubectl create` share: an object made from flags is sent or only printed. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { withOwnOrderApplied } from '../apply/last-applied.ts';
import type { Command } from '../cli/command.ts';
import type { FlagSpec } from '../cli/flag-table.ts';
import { dryRunFlag, fieldManagerFlag, outputFlags, saveConfigFlag, validateFlag } from '../cli/flags.ts';
import { type Failure, type Outcome, wrapFailure } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { inGoOrder } from '../printers/go-order.ts';
import { describeFailedRequest } from '../rest/dial.ts';
import { stringAt, withValueAt } from '../rest/object-fields.ts';
import { builtInType } from '../schema-type.ts';
import { outcomePrinter, readDryRun, writeQuery } from './write-options.ts';

/** An object made from flags, and the path that it is posted to. */
export interface Generated {
  readonly object: JsonObject;
  /** `/api/v1/namespaces/default/services`; without `namespaces/…` for kinds that have none. */
  readonly path: string;
  /** Put before the server's refusal: `failed to create ClusterIP service: `. */
  readonly refusal: string;
}

/** A sub-command's own part. */
export interface CreateSubcommand {
  readonly name: string;
  readonly usage: string;
  readonly short: string;
  readonly aliases?: readonly string[];
  readonly flags: readonly FlagSpec[];
  readonly requiredFlags?: readonly string[];
  generate(invocation: Invocation, name: string): Outcome<Generated> | Promise<Outcome<Generated>>;
}

/** Makes a command out of a generator. */
export function createSubcommand(part: CreateSubcommand): Command {
  const { generate, ...named } = part;
  return {
    ...named,
    flags: [
      ...part.flags,
      ...outputFlags,
      dryRunFlag,
      fieldManagerFlag('kubectl-create'),
      saveConfigFlag,
      validateFlag,
    ],
    run: async (invocation) => {
      const name = oneName(invocation);
      if (!name.ok) return name;
      const generated = await generate(invocation, name.value);
      return generated.ok ? createGenerated(invocation, generated.value) : generated;
    },
  };
}

/** The one NAME of a command line. */
export function oneName(invocation: Invocation): Outcome<string> {
  const { args, dashAt } = invocation;
  const before = dashAt ?? args.length;
  const [name] = args;
  if (before === 1 && name !== undefined) return ok(name);
  return invocation.usageFailure(`exactly one NAME is required, got ${before}`);
}

/** Sends a generated object, or prints it alone when nothing is to be sent. */
async function createGenerated(invocation: Invocation, generated: Generated): Promise<Outcome<void>> {
  const dryRun = readDryRun(invocation);
  if (!dryRun.ok) return dryRun;
  const query = writeQuery(invocation, dryRun.value);
  if (!query.ok) return query;
  const print = await outcomePrinter(invocation, dryRun.value, { typed: true });
  if (!print.ok) return print;
  const object = invocation.flags.bool('save-config')
    ? withOwnOrderApplied(typed(generated.object))
    : generated.object;
  if (dryRun.value === 'client') return print.value(object, 'created');
  const created = await invocation.client.post(generated.path, withoutEmptyStatus(object), query.value);
  if (created.ok) return print.value(created.value, 'created');
  return { ok: false, error: refused(created.error, generated.refusal) };
}

/** The object with its keys as Go's struct has them. */
function typed(object: JsonObject): JsonObject {
  const typeName = builtInType(stringAt(object, 'apiVersion'), stringAt(object, 'kind'));
  return typeName === undefined ? object : inGoOrder(object, typeName);
}

/** What kubectl's typed objects always carry is of no use to the server. */
function withoutEmptyStatus(object: JsonObject): JsonObject {
  return withValueAt(object, ['status'], undefined);
}

/**
 * A refusal behind a prefix; behind one stands the request's own error instead of what kubectl usually says of a server
 * that is not there.
 */
export function refused(problem: Failure, prefix: string): Failure {
  if (prefix === '') return problem;
  if (problem.kind !== 'unreachable') return wrapFailure(problem, (message) => prefix + message);
  const { server, request } = problem;
  const failed =
    server === undefined || request === undefined ? undefined : describeFailedRequest(server, request);
  return failed === undefined ? problem : { kind: 'message', message: prefix + failed };
}

/** The metadata of a namespaced object: its namespace is named only when `-n` was given. */
export function metadataOf(invocation: Invocation, name: string, labels?: JsonObject): JsonObject {
  return {
    ...(labels === undefined ? {} : { labels }),
    name,
    ...(invocation.isNamespaceExplicit ? { namespace: invocation.namespace } : {}),
  };
}

/** Where a namespaced object is posted to; `root` is `/api/v1` or `/apis/GROUP/VERSION`. */
export function namespacedPath(invocation: Invocation, root: string, plural: string): string {
  return `${root}/namespaces/${invocation.namespace}/${plural}`;
}
