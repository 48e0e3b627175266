/** `kubectl describe configmap` and `secret`. */

import { ok } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { stringAt, stringMapAt } from '../rest/object-fields.ts';
import { DescribeWriter, writeHead } from './describe-writer.ts';
import type { Describer } from './describer.ts';
import { findEvents, writeEvents } from './events.ts';

export const describeConfigMap: Describer = async ({ invocation, object, showEvents }) => {
  const writer = new DescribeWriter();
  writeHead(writer, object);
  for (const [title, field] of [
    ['Data', 'data'],
    ['BinaryData', 'binaryData'],
  ] as const) {
    writer.line(0, '');
    writer.line(0, title);
    writer.line(0, '====');
    for (const [key, value] of stringMapAt(object, field)) {
      if (field === 'binaryData') {
        writer.line(0, `${key}: ${byteLength(value)} bytes`);
        continue;
      }
      writer.line(0, `${key}:`);
      writer.line(0, '----');
      writer.line(0, value);
      writer.line(0, '');
    }
  }
  writer.line(0, '');
  if (showEvents) writeEvents(writer, await findEvents(invocation, object), invocation.host.now());
  return ok(writer.toString());
};

export const describeSecret: Describer = async ({ object }) => {
  const writer = new DescribeWriter();
  writeHead(writer, object);
  writer.line(0, '');
  writer.line(0, `Type:\t${stringAt(object, 'type')}`);
  writer.line(0, '');
  writer.line(0, 'Data');
  writer.line(0, '====');
  for (const [key, value] of [...stringMapAt(object, 'data')].sort(([a], [b]) => compareKeys(a, b))) {
    writer.line(0, `${key}:\t${byteLength(value)} bytes`);
  }
  return ok(writer.toString());
};

/** Number of bytes that a base64 text stands for. */
function byteLength(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : Number(base64.endsWith('='));
  return Math.floor((base64.length * 3) / 4) - padding;
}
