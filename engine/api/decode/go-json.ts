/**
 * JSON text as Go's decoder reads it: it notes keys that come twice, which JSON.parse hides, and words its errors as
 * encoding/json does.
 */
import type { JsonObject, JsonValue } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';

/** Which keys of which object came more than once. */
export type DuplicateKeys = ReadonlyMap<JsonObject, ReadonlySet<string>>;

/** A parsed text and its duplicate keys; of a key that came twice the last value counts. */
export interface ParsedJson {
  readonly value: JsonValue;
  readonly duplicates: DuplicateKeys;
}

/** Nesting at which Go's decoder stops. */
const maxNesting = 10_000;
/** Our own stack ends sooner than Go's. */
const maxOurNesting = 1000;

/** Parses JSON; the error is Go's: `unexpected end of JSON input`, `invalid character 'x' looking for beginning of value`. */
export function parseGoJson(text: string): Result<ParsedJson, string> {
  const parser = new Parser(text);
  try {
    return ok({ value: parser.document(), duplicates: parser.duplicates });
  } catch (thrown) {
    if (thrown instanceof JsonSyntaxError) return err(thrown.message);
    throw thrown;
  }
}

class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
}

class Parser {
  readonly duplicates = new Map<JsonObject, Set<string>>();
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonValue {
    const value = this.#value();
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#unexpected('after top-level value');
    return value;
  }

  #value(): JsonValue {
    this.#skipSpace();
    const char = this.#text[this.#at];
    if (char === '{') return this.#nested(() => this.#object());
    if (char === '[') return this.#nested(() => this.#array());
    if (char === '"') return this.#string();
    if (char === '-' || (char !== undefined && char >= '0' && char <= '9')) return this.#number();
    if (char === 't') return this.#literal('true', true);
    if (char === 'f') return this.#literal('false', false);
    if (char === 'n') return this.#literal('null', null);
    throw this.#unexpected('looking for beginning of value');
  }

  #nested(parse: () => JsonValue): JsonValue {
    this.#depth += 1;
    if (this.#depth > maxOurNesting) throw new JsonSyntaxError(`exceeded max depth (${maxNesting})`);
    const value = parse();
    this.#depth -= 1;
    return value;
  }

  #object(): JsonObject {
    const entries = new Map<string, JsonValue>();
    const repeated = new Set<string>();
    this.#at += 1;
    this.#skipSpace();
    if (this.#text[this.#at] === '}') {
      this.#at += 1;
      return {};
    }
    for (;;) {
      this.#skipSpace();
      if (this.#text[this.#at] !== '"') throw this.#unexpected('looking for beginning of object key string');
      const key = this.#string();
      this.#skipSpace();
      if (this.#text[this.#at] !== ':') throw this.#unexpected('after object key');
      this.#at += 1;
      if (entries.has(key)) repeated.add(key);
      entries.set(key, this.#value());
      this.#skipSpace();
      const char = this.#text[this.#at];
      if (char !== ',' && char !== '}') throw this.#unexpected('after object key:value pair');
      this.#at += 1;
      if (char === '}') break;
    }
    const object: JsonObject = Object.fromEntries(entries);
    if (repeated.size > 0) this.duplicates.set(object, repeated);
    return object;
  }

  #array(): JsonValue {
    const items: JsonValue[] = [];
    this.#at += 1;
    this.#skipSpace();
    if (this.#text[this.#at] === ']') {
      this.#at += 1;
      return items;
    }
    for (;;) {
      items.push(this.#value());
      this.#skipSpace();
      const char = this.#text[this.#at];
      if (char !== ',' && char !== ']') throw this.#unexpected('after array element');
      this.#at += 1;
      if (char === ']') return items;
    }
  }

  #string(): string {
    const start = this.#at;
    let at = start + 1;
    for (;;) {
      const char = this.#text[at];
      if (char === undefined) throw new JsonSyntaxError('unexpected end of JSON input');
      if (char === '"') break;
      if (char < ' ') {
        this.#at = at;
        throw this.#unexpected('in string literal');
      }
      if (char === '\\') {
        at += 1;
        const escaped = this.#text[at];
        if (escaped !== undefined && !'"\\/bfnrtu'.includes(escaped)) {
          this.#at = at;
          throw this.#unexpected('in string escape code');
        }
      }
      at += 1;
    }
    this.#at = at + 1;
    return this.#scalarText(start);
  }

  #scalarText(start: number): string {
    try {
      const value: unknown = JSON.parse(this.#text.slice(start, this.#at));
      if (typeof value === 'string') return value;
    } catch {
      // Only a \u escape can still be wrong here.
    }
    this.#at = start;
    throw this.#unexpected('in \\u hexadecimal character escape');
  }

  #number(): number {
    const match = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/.exec(
      this.#text.slice(this.#at, this.#at + 400),
    );
    if (match === null) {
      this.#at += 1;
      throw this.#unexpected('in numeric literal');
    }
    this.#at += match[0].length;
    return Number(match[0]);
  }

  #literal<T extends JsonValue>(word: string, value: T): T {
    for (const [index, char] of [...word].entries()) {
      if (this.#text[this.#at + index] !== char) {
        this.#at += index;
        throw this.#unexpected(`in literal ${word} (expecting '${char}')`);
      }
    }
    this.#at += word.length;
    return value;
  }

  #skipSpace(): void {
    while (/[ \t\r\n]/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  #unexpected(where: string): JsonSyntaxError {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) return new JsonSyntaxError('unexpected end of JSON input');
    return new JsonSyntaxError(`invalid character ${quoteChar(String.fromCodePoint(code))} ${where}`);
  }
}

function quoteChar(char: string): string {
  if (char === "'") return "'\\''";
  if (char === '"') return `'"'`;
  return `'${JSON.stringify(char).slice(1, -1)}'`;
}
