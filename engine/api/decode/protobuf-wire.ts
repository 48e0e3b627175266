/** The wire format of Protocol Buffers: a message as its fields' numbers and raw values. Source: protobuf.dev, encoding. */

/** A message that does not follow the format. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError';
}

/** One occurrence of a field: a varint, or the bytes of everything else. */
export interface ProtobufField {
  readonly number: number;
  readonly value: bigint | Uint8Array;
}

/**
 * Reads the fields of a message in order.
 *
 * @throws ProtobufError when the message ends early or uses groups, which are no more.
 */
export function readFields(bytes: Uint8Array): readonly ProtobufField[] {
  const reader = new Reader(bytes);
  const fields: ProtobufField[] = [];
  while (!reader.isAtEnd()) {
    const tag = Number(reader.varint());
    fields.push({ number: Math.floor(tag / 8), value: readValue(reader, tag % 8) });
  }
  return fields;
}

/** Reads varints that stand one after another. @throws ProtobufError when the last one ends early. */
export function readVarints(bytes: Uint8Array): readonly bigint[] {
  const reader = new Reader(bytes);
  const values: bigint[] = [];
  while (!reader.isAtEnd()) values.push(reader.varint());
  return values;
}

function readValue(reader: Reader, wireType: number): bigint | Uint8Array {
  switch (wireType) {
    case 0:
      return reader.varint();
    case 1:
      return reader.bytes(8);
    case 2:
      return reader.bytes(Number(reader.varint()));
    case 5:
      return reader.bytes(4);
    default:
      throw new ProtobufError(`proto: illegal wireType ${wireType}`);
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  varint(): bigint {
    let value = 0n;
    // Ten groups of seven bits hold 64.
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw new ProtobufError('unexpected EOF');
      this.#at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new ProtobufError('proto: integer overflow');
  }

  bytes(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new ProtobufError('unexpected EOF');
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }
}
