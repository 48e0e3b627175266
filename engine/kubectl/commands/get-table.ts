/** How `kubectl get` puts the tables of several kinds under each other. */
import { ageSince } from '../../api/duration.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Flags } from '../cli/flag-table.ts';
import type { Invocation } from '../invocation.ts';
import { alignTabs, tableLayout } from '../printers/tab-writer.ts';
import { renderTable, type TableOptions } from '../printers/table-printer.ts';
import type { Mapping } from '../rest/discovery.ts';
import { objectsAt, stringAt, valueAt } from '../rest/object-fields.ts';
import type { ResourceInfo } from '../rest/resource-infos.ts';
import { qualifiedKind } from '../rest/rest-mapper.ts';

/** Renders the answers of all requests: one block for each kind, an empty line between blocks. */
export function renderInfos(infos: readonly ResourceInfo[], flags: Flags, nowMs: number): string {
  const severalKinds = infos.some((info) => info.mapping !== infos[0]?.mapping);
  let text = '';
  let block = '';
  let last: ResourceInfo | undefined;
  const endBlock = () => {
    if (block === '') return;
    if (text !== '' && !flags.bool('no-headers')) text += '\n';
    text += alignTabs(block, tableLayout);
    block = '';
  };
  for (const info of infos) {
    if (last !== undefined && last.mapping !== info.mapping) endBlock();
    const isFirst = block === '';
    block += renderOne(info, flags, { withKind: severalKinds, isFirst, nowMs });
    last = info;
  }
  endBlock();
  return text;
}

function renderOne(
  info: ResourceInfo,
  flags: Flags,
  place: { withKind: boolean; isFirst: boolean; nowMs: number },
): string {
  const options = tableOptions(info.mapping, flags, place.withKind);
  const noHeaders = options.noHeaders || !place.isFirst;
  return renderTable(asTable(info.object, place.nowMs), { ...options, noHeaders });
}

/** What the flags of get say about tables. */
export function tableOptions(mapping: Mapping, flags: Flags, withKind: boolean): TableOptions {
  const showsKind = withKind || flags.bool('show-kind');
  return {
    noHeaders: flags.bool('no-headers'),
    wide: flags.string('output') === 'wide',
    showLabels: flags.bool('show-labels'),
    labelColumns: flags.strings('label-columns'),
    withNamespace: flags.bool('all-namespaces') && mapping.namespaced,
    ...(showsKind ? { kindPrefix: qualifiedKind(mapping) } : {}),
  };
}

/** A server that makes no tables answers with objects; they get the columns that kubectl has for any kind. */
function asTable(answer: JsonObject, nowMs: number): JsonObject {
  if (stringAt(answer, 'kind') === 'Table') return answer;
  const items = Array.isArray(answer.items) ? objectsAt(answer, 'items') : [answer];
  return {
    columnDefinitions: [
      { name: 'Name', type: 'string', format: 'name', priority: 0 },
      { name: 'Age', type: 'string', format: '', priority: 0 },
    ],
    rows: items.map((item) => {
      const age = ageSince(valueAt(item, 'metadata', 'creationTimestamp'), nowMs);
      return { cells: [stringAt(item, 'metadata', 'name'), age], object: item };
    }),
  };
}

/** How the flags of get choose objects. */
export function selectionOptions(invocation: Invocation) {
  const { flags } = invocation;
  return {
    args: invocation.args,
    selector: flags.string('selector'),
    fieldSelector: flags.string('field-selector'),
    allNamespaces: flags.bool('all-namespaces'),
    allowEmptySelector: true,
    subresource: flags.string('subresource'),
  };
}

/** Asks for Tables, as kubectl does. */
export const tableHeaders = {
  accept:
    'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json',
} as const;
