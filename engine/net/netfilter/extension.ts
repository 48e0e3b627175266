/**
 * How the options of a match or target are read: the checks that iptables makes alike for every extension (once only,
 * excluded by another, required), in its words. Extensions read the values.
 * Source: messages of iptables-restore v1.8.9 (nf_tables), taken by giving it such lines.
 */
import { parseIPv4 } from '../ipv4.ts';

/** One option of an extension. */
export interface OptionSpec {
  /** `--to-destination`. */
  readonly name: string;
  readonly aliases?: readonly string[];
  /** Takes two values, which are read as one text with a blank between them. */
  readonly hasTwoValues?: boolean;
  /** Takes no value. */
  readonly flag?: boolean;
  /** May stand after `!`. */
  readonly invertible?: boolean;
  readonly mandatory?: boolean;
  readonly excludes?: readonly string[];
  readonly requires?: string;
  /** The words for a second use, where the extension has its own. */
  readonly onceMessage?: string;
}

/** What an extension is known by, and how it is made from its options. */
export interface Extension<T> {
  readonly name: string;
  readonly options: readonly OptionSpec[];
  /** Makes the frozen extension; complaints go to {@link OptionValues.fail}, and the result is not used then. */
  build(values: OptionValues, rule: RuleSoFar): T;
}

/** What an extension may ask about its rule. */
export interface RuleSoFar {
  /** The protocol's number, when the rule names one that is not negated. */
  readonly protocol?: number;
  readonly isProtocolNegated: boolean;
  readonly table: string;
}

interface GivenOption {
  readonly text: string;
  readonly negated: boolean;
}

/** The options of an extension by name and alias. */
export function specsByName(options: readonly OptionSpec[]): ReadonlyMap<string, OptionSpec> {
  const byName = new Map<string, OptionSpec>();
  for (const spec of options) {
    byName.set(spec.name, spec);
    for (const alias of spec.aliases ?? []) byName.set(alias, spec);
  }
  return byName;
}

/** The options that were given to one extension. */
export class OptionValues {
  readonly extension: string;
  readonly #specs: ReadonlyMap<string, OptionSpec>;
  readonly #given = new Map<string, GivenOption>();
  /** The first complaint about an option or its value. */
  failure: string | undefined;
  /** The first complaint about the options together, which iptables makes at the end of the line. */
  endFailure: string | undefined;

  constructor(extension: string, specs: ReadonlyMap<string, OptionSpec>) {
    this.extension = extension;
    this.#specs = specs;
  }

  /** The option of this name or alias. */
  spec(name: string): OptionSpec | undefined {
    return this.#specs.get(name);
  }

  /** The options whose names begin so. */
  namesFrom(start: string): string[] {
    return [...this.#specs.keys()].filter((name) => name.startsWith(start));
  }

  /** Takes an option in; the value is empty for a flag. */
  give(spec: OptionSpec, text: string, negated: boolean): void {
    if (negated && spec.invertible !== true) {
      this.fail(`${this.extension}: option "${spec.name}" cannot be inverted.\n`);
    }
    if (this.#given.has(spec.name)) {
      this.fail(spec.onceMessage ?? `${this.extension}: option "${spec.name}" can only be used once.\n`);
    }
    this.#given.set(spec.name, { text, negated });
  }

  /** Checks what concerns the options together; called when the rule's line has ended. */
  check(options: readonly OptionSpec[]): void {
    for (const spec of options) {
      if (!this.#given.has(spec.name)) {
        if (spec.mandatory) this.failAtEnd(`${this.extension}: option "${spec.name}" must be specified\n`);
        continue;
      }
      for (const other of spec.excludes ?? []) {
        if (this.#given.has(other)) {
          this.fail(`${this.extension}: option "${spec.name}" cannot be used together with "${other}".\n`);
        }
      }
      if (spec.requires !== undefined && !this.#given.has(spec.requires)) {
        this.failAtEnd(`${this.extension}: option "${spec.name}" also requires "${spec.requires}".\n`);
      }
    }
  }

  fail(message: string): void {
    this.failure ??= message;
  }

  failAtEnd(message: string): void {
    this.endFailure ??= message;
  }

  has(name: string): boolean {
    return this.#given.has(name);
  }

  isNegated(name: string): boolean {
    return this.#given.get(name)?.negated ?? false;
  }

  text(name: string): string | undefined {
    return this.#given.get(name)?.text;
  }

  /** A whole number within bounds, decimal, octal or hexadecimal as strtoul takes it. */
  uint(name: string, min: number, max: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = parseUint(text);
    if (value === undefined || value < min || value > max) {
      this.fail(`${this.extension}: bad value for option "${name}", or out of range (${min}-${max}).\n`);
      return undefined;
    }
    return value;
  }

  /** `VALUE[/MASK]` of a mark; the mask is all ones when absent. */
  markMask(name: string): { readonly value: number; readonly mask: number } | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const parts = /^(?<value>[^/]*?)(?:\/(?<mask>.*))?$/.exec(text)?.groups;
    const value = leadingUint(parts?.value ?? '');
    const isMasked = parts?.mask !== undefined && value?.rest === '';
    const mask = isMasked ? leadingUint(parts.mask ?? '') : { number: 0xffffffff, rest: '' };
    if (value === undefined || mask === undefined || value.number > 0xffffffff || mask.number > 0xffffffff) {
      this.fail(`${this.extension}: bad integer value for option "${name}", or out of range.\n`);
      return undefined;
    }
    if (value.rest !== '' || mask.rest !== '') {
      this.fail(`${this.extension}: trailing garbage after value for option "${name}".\n`);
      return undefined;
    }
    return { value: value.number, mask: mask.number };
  }

  /** An address without a mask. */
  address(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const address = parseIPv4(text);
    if (address === undefined) {
      this.fail(`${this.extension}: Bad value for "${name}" option: "${text}"`);
    }
    return address;
  }
}

/** The number that a text begins with, as strtoul reads it, and what is left of the text. */
function leadingUint(text: string): { readonly number: number; readonly rest: string } | undefined {
  const digits = /^(?:0[xX][0-9a-fA-F]+|[0-9]+)/.exec(text)?.[0];
  const number = digits === undefined ? undefined : parseUint(digits);
  return digits === undefined || number === undefined
    ? undefined
    : { number, rest: text.slice(digits.length) };
}

/** An unsigned number as strtoul with base 0 reads it. */
export function parseUint(text: string): number | undefined {
  if (/^0[xX][0-9a-fA-F]{1,13}$/.test(text)) return Number.parseInt(text.slice(2), 16);
  if (/^0[0-7]{1,13}$/.test(text)) return Number.parseInt(text, 8);
  if (/^(?:0|[1-9][0-9]{0,14})$/.test(text)) return Number(text);
  return undefined;
}

/**
 * A string as iptables prints an argument: quoted unless it is made of letters, digits, `_` and `-` only.
 */
export function quoteArgument(text: string): string {
  if (/^[A-Za-z0-9_-]+$/.test(text)) return text;
  return `"${text.replace(/["\\']/g, '\\$&')}"`;
}

/** A mark or mask as iptables prints it. */
export function formatHex(value: number): string {
  return `0x${(value >>> 0).toString(16)}`;
}
