/** `kubectl events`: what happened, the latest last. */
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import type { Command } from '../cli/command.ts';
import { allNamespacesFlag, chunkSizeFlag, outputFlags } from '../cli/flags.ts';
import { eventInterval } from '../describe/events.ts';
import { failure, type Outcome } from '../failure.ts';
import { follow } from '../follow.ts';
import type { Invocation } from '../invocation.ts';
import { goSort } from '../printers/go-sort.ts';
import { listOf } from '../printers/output-format.ts';
import { alignTabs, tableLayout } from '../printers/tab-writer.ts';
import { typedPrinter } from '../printers/typed-object.ts';
import type { Query } from '../rest/cluster-client.ts';
import { objectsAt, stringAt } from '../rest/object-fields.ts';
import { apiVersionOf } from '../rest/rest-mapper.ts';

export const eventsCommand: Command = {
  name: 'events',
  usage:
    '[(-o|--output=)json|yaml|kyaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file] [--for TYPE/NAME] [--watch] [--types=Normal,Warning]',
  short: 'List events',
  flags: [
    ...outputFlags,
    allNamespacesFlag,
    chunkSizeFlag,
    { name: 'for', type: 'string', usage: 'Only events about this object: TYPE/NAME.' },
    { name: 'no-headers', type: 'bool', initial: 'false', usage: 'Leaves the line of headers out.' },
    { name: 'watch', short: 'w', type: 'bool', initial: 'false', usage: 'Goes on with events as they come.' },
    { name: 'types', type: 'stringSlice', usage: 'Only events of these types: Normal, Warning.' },
  ],
  run: runEvents,
};

async function runEvents(invocation: Invocation): Promise<Outcome<void>> {
  const { flags } = invocation;
  const types = flags.strings('types').map((type) => type.toLowerCase());
  const wrong = flags.strings('types').find((type) => !['normal', 'warning'].includes(type.toLowerCase()));
  if (wrong !== undefined) return failure(`valid --types are Normal or Warning`);
  const query = await aboutQuery(invocation);
  if (!query.ok) return query;
  const isForAll = flags.bool('all-namespaces');
  const path = isForAll ? '/api/v1/events' : `/api/v1/namespaces/${invocation.namespace}/events`;
  if (flags.bool('watch')) return watchEvents(invocation, path, query.value);
  const list = await invocation.client.get(path, query.value);
  if (!list.ok) return list;
  const events = objectsAt(list.value, 'items')
    .map((item) => ({ ...item, apiVersion: 'v1', kind: 'Event' }))
    .filter((event) => types.length === 0 || types.includes(stringAt(event, 'type').toLowerCase()));
  if (events.length === 0) {
    invocation.err(
      isForAll ? 'No events found.\n' : `No events found in ${invocation.namespace} namespace.\n`,
    );
    return ok(undefined);
  }
  return showEvents(
    invocation,
    goSort(events, (a, b) => compareKeys(timeOf(a), timeOf(b)) < 0),
  );
}

/** Source: k8s.io/kubectl/pkg/cmd/events, eventTime: the last of several, else when it happened. */
function timeOf(event: JsonObject): string {
  const time =
    stringAt(event, 'series', 'lastObservedTime') ||
    stringAt(event, 'lastTimestamp') ||
    stringAt(event, 'eventTime');
  // Times with and without microseconds, in one form.
  const [, seconds = '', fraction = ''] = /^([^.Z]*)(?:\.(\d+))?/.exec(time) ?? [];
  return `${seconds}.${fraction.padEnd(9, '0')}`;
}

async function aboutQuery(invocation: Invocation): Promise<Outcome<Query>> {
  const about = invocation.flags.string('for');
  if (about === '') return ok([]);
  const [type = '', name = '', more] = about.split('/');
  if (name === '' || more !== undefined) return failure('--for must be in resource/name form');
  const mapper = await invocation.client.mapper();
  if (!mapper.ok) return mapper;
  const mapping = mapper.value.byArgument(type);
  if (!mapping.ok) return { ok: false, error: { kind: 'several', failures: [mapping.error] } };
  const fields = [
    `involvedObject.kind=${mapping.value.kind}`,
    `involvedObject.apiVersion=${apiVersionOf(mapping.value)}`,
    `involvedObject.name=${name}`,
  ];
  return ok([['fieldSelector', fields.join(',')]]);
}

async function showEvents(invocation: Invocation, events: readonly JsonObject[]): Promise<Outcome<void>> {
  const { flags } = invocation;
  const printer = await typedPrinter(flags, invocation.host);
  if (!printer.ok) return printer;
  if (printer.value !== undefined) {
    const text = printer.value({ ...listOf(events), kind: 'EventList', metadata: {} }, 0);
    if (!text.ok) return text;
    invocation.out(text.value);
    return ok(undefined);
  }
  const head = eventHead(invocation);
  const lines = events.map((event) => eventLine(invocation, event));
  invocation.out(alignTabs((flags.bool('no-headers') ? '' : head) + lines.join(''), tableLayout));
  return ok(undefined);
}

/** Every event as it comes; the table's columns are as wide as its lines so far. */
async function watchEvents(invocation: Invocation, path: string, query: Query): Promise<Outcome<void>> {
  const { flags } = invocation;
  const types = flags.strings('types').map((type) => type.toLowerCase());
  const printer = await typedPrinter(flags, invocation.host);
  if (!printer.ok) return printer;
  const response = await invocation.client.send({
    method: 'GET',
    path,
    query: [['watch', 'true'], ...query],
  });
  if (!response.ok) return response;
  if (response.value.type !== 'watch') return failure('the server does not support watching this resource');
  const { watch } = response.value;
  const widths: number[] = [];
  let count = 0;
  let seen = 0;
  watch.onEvent(({ type, object }) => {
    seen += 1;
    if ((type !== 'ADDED' && type !== 'MODIFIED') || !isJsonObject(object)) return;
    if (types.length > 0 && !types.includes(stringAt(object, 'type').toLowerCase())) return;
    const event = { ...object, apiVersion: 'v1', kind: 'Event' };
    const head = count > 0 || flags.bool('no-headers') ? '' : eventHead(invocation);
    const text = printer.value?.(event, count);
    if (text === undefined)
      invocation.out(alignTabs(head + eventLine(invocation, event), tableLayout, widths));
    else if (text.ok) invocation.out(text.value);
    count += 1;
  });
  await follow(
    invocation.host,
    () => false,
    () => seen,
  );
  watch.stop();
  return ok(undefined);
}

function eventHead({ flags }: Invocation): string {
  return `${flags.bool('all-namespaces') ? 'NAMESPACE\t' : ''}LAST SEEN\tTYPE\tREASON\tOBJECT\tMESSAGE\n`;
}

function eventLine(invocation: Invocation, event: JsonObject): string {
  const isForAll = invocation.flags.bool('all-namespaces');
  const nowMs = invocation.host.now();
  const about = `${stringAt(event, 'involvedObject', 'kind')}/${stringAt(event, 'involvedObject', 'name')}`;
  const cells = [
    eventInterval(event, nowMs),
    stringAt(event, 'type'),
    stringAt(event, 'reason'),
    about,
    stringAt(event, 'message').trim(),
  ];
  return `${isForAll ? `${stringAt(event, 'metadata', 'namespace')}\t` : ''}${cells.join('\t')}\n`;
}
