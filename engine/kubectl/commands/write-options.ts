/** What the commands that write objects have in common: dry runs, validation, and the line that they print. */

import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Flags } from '../cli/flag-table.ts';
import { type Failure, failure, messageOf, type Outcome } from '../failure.ts';
import type { KubectlHost } from '../host.ts';
import type { Invocation } from '../invocation.ts';
import { objectPrinter, qualifiedName } from '../printers/output-format.ts';
import { typedPrinter } from '../printers/typed-object.ts';
import type { Query } from '../rest/cluster-client.ts';

/** `--dry-run`. */
export type DryRun = 'none' | 'client' | 'server';

/** Reads `--dry-run`, with the words for a wrong one and a note about the forms of old. */
export function readDryRun(invocation: Invocation): Outcome<DryRun> {
  const value = invocation.flags.string('dry-run');
  if (value === 'none' || value === 'client' || value === 'server') return ok(value);
  if (value === 'unchanged') {
    invocation.warn('helpers.go:719', '--dry-run is deprecated and can be replaced with --dry-run=client.');
    return ok('client');
  }
  const isTrue = /^(?:1|t|T|true|TRUE|True)$/.test(value);
  if (!isTrue && !/^(?:0|f|F|false|FALSE|False)$/.test(value)) {
    return failure(`Invalid dry-run value (${value}). Must be "none", "server", or "client".`);
  }
  const dryRun = isTrue ? 'client' : 'none';
  invocation.warn(
    isTrue ? 'helpers.go:734' : 'helpers.go:737',
    `--dry-run=${value} is deprecated (boolean value) and can be replaced with --dry-run=${dryRun}.`,
  );
  return ok(dryRun);
}

/** Reads `--validate` as the server's fieldValidation. */
function readFieldValidation(invocation: Invocation): Outcome<string> {
  const value = invocation.flags.string('validate');
  if (value === '' || value === 'true' || value === 'strict') return ok('Strict');
  if (value === 'warn') return ok('Warn');
  if (value === 'false' || value === 'ignore') return ok('Ignore');
  return failure(
    `invalid - validate option ${JSON.stringify(value)}; must be one of: strict (or true), warn, ignore (or false)`,
  );
}

/** Query parameters of a write. */
export function writeQuery(invocation: Invocation, dryRun: DryRun): Outcome<Query> {
  const query: (readonly [string, string])[] = [];
  if (invocation.flags.has('field-manager'))
    query.push(['fieldManager', invocation.flags.string('field-manager')]);
  if (invocation.flags.has('validate')) {
    const validation = readFieldValidation(invocation);
    if (!validation.ok) return validation;
    query.push(['fieldValidation', validation.value]);
  }
  if (dryRun === 'server') query.push(['dryRun', 'All']);
  return ok(query);
}

/** Prints one object that a command made or changed. */
export type OutcomePrinter = (object: JsonObject, operation: string) => Outcome<void>;

/**
 * Prints an object in the format of `-o`, else `service/web created` with a note about dry runs.
 *
 * @param typed whether kubectl holds such objects as Go structs, whose JSON has the order of their fields.
 */
export async function outcomePrinter(
  invocation: Invocation,
  dryRun: DryRun,
  { typed }: { readonly typed: boolean } = { typed: false },
): Promise<Outcome<OutcomePrinter>> {
  const printerFor = typed ? typedPrinter : untypedPrinter;
  const printer = await printerFor(invocation.flags, invocation.host);
  if (!printer.ok) return printer;
  let count = 0;
  return ok((object, operation) => {
    if (printer.value === undefined) {
      invocation.out(`${qualifiedName(object)} ${operation}${dryRunNote(dryRun)}\n`);
      return ok(undefined);
    }
    const text = printer.value(object, count);
    count += 1;
    if (!text.ok) return text;
    invocation.out(text.value);
    return ok(undefined);
  });
}

function untypedPrinter(flags: Flags, host: KubectlHost) {
  return objectPrinter(flags, host, false);
}

/** What is put behind an operation that was only tried. */
export function dryRunNote(dryRun: DryRun): string {
  if (dryRun === 'none') return '';
  return dryRun === 'client' ? ' (dry run)' : ' (server dry run)';
}

/** Says in an error which file it is about. Source: cmdutil.AddSourceToErr. */
export function withSource(problem: Failure, verb: string, source: string | undefined): Failure {
  if (source === undefined || problem.kind === 'exit' || problem.kind === 'several') return problem;
  const message = `error when ${verb} ${JSON.stringify(source)}: ${messageOf(problem)}`;
  if (problem.kind === 'status') return { kind: 'status', status: { ...problem.status, message } };
  return { kind: 'message', message };
}
