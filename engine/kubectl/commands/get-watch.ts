/** `kubectl get -w`: the present state, then every change until Ctrl-C or until nothing can change any more. */
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { failure, isNotFound, joinFailures, type Outcome } from '../failure.ts';
import { follow } from '../follow.ts';
import type { Invocation } from '../invocation.ts';
import { type CustomColumn, renderCustomColumns } from '../printers/custom-columns.ts';
import type { ObjectPrinter } from '../printers/output-format.ts';
import { alignTabs, tableLayout } from '../printers/tab-writer.ts';
import { renderTable } from '../printers/table-printer.ts';
import { objectsAt, stringAt, valueAt } from '../rest/object-fields.ts';
import { fetchInfos, type ResourceInfo } from '../rest/resource-infos.ts';
import { resourcePath } from '../rest/rest-mapper.ts';
import { selectionOptions, tableHeaders, tableOptions } from './get-table.ts';

/** What prints the objects; a table when both are undefined. */
export interface WatchOutput {
  readonly printer: ObjectPrinter | undefined;
  readonly columns: readonly CustomColumn[] | undefined;
}

/** Shows the present state unless `--watch-only`, then changes as they come. */
export async function watchResources(invocation: Invocation, output: WatchOutput): Promise<Outcome<void>> {
  const asTable = output.printer === undefined && output.columns === undefined;
  const fetched = await fetchInfos(invocation, {
    ...selectionOptions(invocation),
    singleResourceType: true,
    keepLists: true,
    ...(asTable ? { headers: tableHeaders } : {}),
  });
  if (!fetched.ok) return fetched;
  const problem = joinFailures(fetched.value.failures);
  if (problem !== undefined) {
    if (isNotFound(problem) && invocation.flags.bool('ignore-not-found')) return ok(undefined);
    return { ok: false, error: problem };
  }
  const [info, another] = fetched.value.infos;
  if (info === undefined || another !== undefined) {
    return failure(
      'watch is only supported on individual resources and resource collections - more than 1 resource was found',
    );
  }
  const writer = new ChangeWriter(invocation, output, info);
  if (!invocation.flags.bool('watch-only')) {
    const shown = writer.show('ADDED', info.object);
    if (!shown.ok) return shown;
  }
  return followChanges(invocation, info, writer, asTable);
}

async function followChanges(
  invocation: Invocation,
  info: ResourceInfo,
  writer: ChangeWriter,
  asTable: boolean,
): Promise<Outcome<void>> {
  const { flags } = invocation;
  const query: (readonly [string, string])[] = [
    ['watch', 'true'],
    ['resourceVersion', stringAt(info.object, 'metadata', 'resourceVersion')],
  ];
  if (info.name !== '') query.push(['fieldSelector', `metadata.name=${info.name}`]);
  else if (flags.string('field-selector') !== '')
    query.push(['fieldSelector', flags.string('field-selector')]);
  if (flags.string('selector') !== '') query.push(['labelSelector', flags.string('selector')]);
  const response = await invocation.client.send({
    method: 'GET',
    path: resourcePath(info.mapping, info.namespace),
    query,
    ...(asTable ? { headers: tableHeaders } : {}),
  });
  if (!response.ok) return response;
  if (response.value.type !== 'watch') return failure('the server does not support watching this resource');
  const { watch } = response.value;
  let problem: Outcome<void> = ok(undefined);
  let events = 0;
  watch.onEvent((event) => {
    events += 1;
    if (event.type === 'BOOKMARK' || !problem.ok || !isJsonObject(event.object)) return;
    problem = writer.show(event.type, event.object);
  });
  await follow(
    invocation.host,
    () => !problem.ok,
    () => events,
  );
  watch.stop();
  return problem;
}

/** Prints objects and events, the columns never narrower than before. */
class ChangeWriter {
  readonly #invocation: Invocation;
  readonly #output: WatchOutput;
  readonly #info: ResourceInfo;
  readonly #widths: number[] = [];
  #columns: JsonObject['columnDefinitions'] | undefined;
  #count = 0;

  constructor(invocation: Invocation, output: WatchOutput, info: ResourceInfo) {
    this.#invocation = invocation;
    this.#output = output;
    this.#info = info;
  }

  show(eventType: string, object: JsonObject): Outcome<void> {
    const showsEvents = this.#invocation.flags.bool('output-watch-events');
    if (this.#output.printer === undefined && this.#output.columns === undefined) {
      this.#showTable(object, showsEvents ? eventType : undefined);
      return ok(undefined);
    }
    const items = Array.isArray(object.items) ? objectsAt(object, 'items') : [object];
    for (const item of items) {
      const shown = this.#showObject(showsEvents ? { object: item, type: eventType } : item);
      if (!shown.ok) return shown;
    }
    return ok(undefined);
  }

  #showTable(table: JsonObject, eventType: string | undefined): void {
    const given = valueAt(table, 'columnDefinitions');
    const isNew = this.#columns === undefined && objectsAt(table, 'rows').length > 0;
    if (Array.isArray(given) && given.length > 0) this.#columns ??= given;
    const { flags } = this.#invocation;
    const options = tableOptions(this.#info.mapping, flags, false);
    const text = renderTable(
      { ...table, columnDefinitions: this.#columns ?? [] },
      {
        ...options,
        noHeaders: options.noHeaders || !isNew,
        ...(eventType === undefined ? {} : { eventType }),
      },
    );
    if (!isNew && objectsAt(table, 'rows').length === 0) this.#columns = undefined;
    this.#invocation.out(alignTabs(text, tableLayout, this.#widths));
  }

  #showObject(object: JsonObject): Outcome<void> {
    if (this.#output.columns !== undefined) {
      const noHeaders = this.#invocation.flags.bool('no-headers') || this.#count > 0;
      this.#count += 1;
      const text = renderCustomColumns([object], this.#output.columns, noHeaders);
      this.#invocation.out(alignTabs(text, tableLayout, this.#widths));
      return ok(undefined);
    }
    const text = this.#output.printer?.(object, this.#count) ?? ok('');
    this.#count += 1;
    if (!text.ok) return text;
    this.#invocation.out(text.value);
    return ok(undefined);
  }
}
