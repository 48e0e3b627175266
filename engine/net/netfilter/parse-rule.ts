/**
 * Reads what follows `-A CHAIN` in a rule, as iptables does: options one after the other, those of a match or target
 * after its `-m` or `-j`; `-p tcp` brings the options of `-m tcp` with it when one of them is used.
 * Source: messages of iptables-restore v1.8.9 (nf_tables), taken by giving it such lines.
 */
import { err, ok, type Result } from '../../base/result.ts';
import type { TableName } from '../trace.ts';
import { chainNumber } from './chain-numbers.ts';
import { type Extension, type OptionSpec, OptionValues, type RuleSoFar, specsByName } from './extension.ts';
import { matchExtensions, targetExtensions } from './extensions.ts';
import { type LinkTest, type ProtocolTest, protocolTest } from './header-tests.ts';
import { makeRule } from './make-rule.ts';
import {
  type AddressPair,
  type GivenAddresses,
  isLinkTest,
  isTest,
  pairAddresses,
  parseLinkTest,
  unusableLink,
} from './parse-header.ts';
import { parseProtocol } from './protocols.ts';
import type { Match, Rule, Target } from './rule.ts';
import { isVerdict } from './targets/verdict.ts';

/** Several when `-s` or `-d` names several addresses. */
export interface ParsedRules {
  readonly rules: readonly Rule[];
  /** From `-c`. */
  readonly counter?: { readonly packets: number; readonly bytes: number };
}

const shortNames: ReadonlyMap<string, string> = new Map([
  ['--source', '-s'],
  ['--src', '-s'],
  ['--destination', '-d'],
  ['--dst', '-d'],
  ['--in-interface', '-i'],
  ['--out-interface', '-o'],
  ['--protocol', '-p'],
  ['--proto', '-p'],
  ['--fragment', '-f'],
  ['--fragments', '-f'],
  ['--match', '-m'],
  ['--jump', '-j'],
  ['--goto', '-g'],
  ['--set-counters', '-c'],
  ['--ipv4', '-4'],
  ['--ipv6', '-6'],
]);

/** Extensions whose options come with `-p`. */
const protocolMatches: ReadonlyMap<number, string> = new Map([
  [1, 'icmp'],
  [6, 'tcp'],
  [17, 'udp'],
  [132, 'sctp'],
]);

/** Matches that one rule can carry. The kernel's bound is the size of a rule; ours bounds the work. */
const maxMatches = 64;

/** Options by name, for each extension; made once, since every rule of a table asks for them. */
const specs: ReadonlyMap<Extension<Match | Target>, ReadonlyMap<string, OptionSpec>> = new Map(
  [...matchExtensions.values(), ...targetExtensions.values()].map((extension) => [
    extension,
    specsByName(extension.options),
  ]),
);

const noSpecs: ReadonlyMap<string, OptionSpec> = new Map();

interface OpenExtension<T> {
  readonly extension: Extension<T>;
  readonly values: OptionValues;
}

/** Reads one rule's arguments for a chain of a table; the error is the tool's message, without its name in front. */
export function parseRule(
  words: readonly string[],
  table: TableName,
  chain: string,
): Result<ParsedRules, string> {
  const reader = new RuleReader(words, table, chain);
  reader.readAll();
  return reader.finish();
}

class RuleReader {
  readonly #words: readonly string[];
  readonly #table: TableName;
  readonly #chain: string;
  #at = 0;
  #failure: string | undefined;
  #sources: GivenAddresses | undefined;
  #destinations: GivenAddresses | undefined;
  #inLink: LinkTest | undefined;
  #outLink: LinkTest | undefined;
  #protocol: ProtocolTest | undefined;
  #isProtocolGiven = false;
  #fragment: { readonly negated: boolean } | undefined;
  readonly #matches: OpenExtension<Match>[] = [];
  #target: OpenExtension<Target> | undefined;
  #plainTarget: Target | undefined;
  #counter: ParsedRules['counter'];

  constructor(words: readonly string[], table: TableName, chain: string) {
    this.#words = words;
    this.#table = table;
    this.#chain = chain;
  }

  readAll(): void {
    let negated = false;
    while (this.#at < this.#words.length && this.#failure === undefined) {
      const word = this.#words[this.#at] ?? '';
      this.#at += 1;
      if (word === '!') {
        if (negated) this.#fail('multiple consecutive ! not allowed');
        negated = true;
        continue;
      }
      this.#readOption(word, negated);
      negated = false;
    }
  }

  #fail(message: string): void {
    this.#failure ??= message;
  }

  #argument(option: string): string {
    const value = this.#words[this.#at];
    if (value === undefined) {
      this.#fail(`option "${option}" requires an argument`);
      return '';
    }
    this.#at += 1;
    return value;
  }

  #readOption(word: string, negated: boolean): void {
    const equals = word.startsWith('--') ? word.indexOf('=') : -1;
    if (equals > 0) {
      this.#fail(`unknown option "${word}"`);
      return;
    }
    const option = shortNames.get(word) ?? word;
    switch (option) {
      case '-s':
        if (this.#sources !== undefined) this.#fail('multiple -s flags not allowed');
        this.#sources = { text: this.#argument(word), negated };
        return;
      case '-d':
        if (this.#destinations !== undefined) this.#fail('multiple -d flags not allowed');
        this.#destinations = { text: this.#argument(word), negated };
        return;
      case '-i':
        if (this.#inLink !== undefined) this.#fail('multiple -i flags not allowed');
        this.#inLink = this.#link(this.#argument(word), negated);
        return;
      case '-o':
        if (this.#outLink !== undefined) this.#fail('multiple -o flags not allowed');
        this.#outLink = this.#link(this.#argument(word), negated);
        return;
      case '-p':
        this.#readProtocol(this.#argument(word), negated);
        return;
      case '-f':
        this.#fragment = Object.freeze({ negated });
        return;
      case '-m':
        this.#openMatch(this.#argument(word), negated);
        return;
      case '-j':
      case '-g':
        this.#readTarget(option, this.#argument(word), negated);
        return;
      case '-c':
        this.#readCounter();
        return;
      case '-4':
      case '-6':
        return;
      case '-t':
      case '--table':
        this.#fail('The -t option cannot be used in iptables-restore.\n');
        return;
      case '-A':
        this.#argument(word);
        this.#fail('Cannot use -A with -A');
        return;
      default:
        this.#readExtensionOption(word, negated);
    }
  }

  #link(name: string, negated: boolean): LinkTest {
    const test = parseLinkTest(name, negated);
    if (!test.ok) this.#fail(test.error);
    return test.ok ? test.value : { name, negated };
  }

  #readProtocol(text: string, negated: boolean): void {
    if (this.#isProtocolGiven) this.#fail('multiple -p flags not allowed');
    this.#isProtocolGiven = true;
    const number = parseProtocol(text);
    if (number === undefined) {
      this.#fail(`unknown protocol "${text}" specified`);
      return;
    }
    if (number === 0) {
      if (negated) this.#fail('rule would never match protocol');
      return;
    }
    this.#protocol = protocolTest(number, negated);
  }

  #openMatch(name: string, negated: boolean): OpenExtension<Match> | undefined {
    if (negated) this.#fail('unexpected ! flag before --match');
    const extension = matchExtensions.get(name);
    if (extension === undefined) {
      this.#fail(`Couldn't load match \`${name}':No such file or directory\n`);
      return undefined;
    }
    if (this.#matches.length >= maxMatches) this.#fail('too many matches in one rule');
    const open = { extension, values: new OptionValues(extension.name, specs.get(extension) ?? noSpecs) };
    this.#matches.push(open);
    return open;
  }

  #readTarget(option: string, name: string, negated: boolean): void {
    if (negated) this.#fail(`cannot have ! before ${option}`);
    if (this.#target !== undefined || this.#plainTarget !== undefined) {
      this.#fail('multiple -j flags not allowed');
      return;
    }
    if (option === '-j' && isVerdict(name)) {
      if (name === 'DROP' && this.#table === 'nat') {
        this.#fail(
          '\nThe "nat" table is not intended for filtering, the use of DROP is therefore inhibited.\n\n',
        );
      }
      this.#plainTarget = Object.freeze({ kind: 'verdict', verdict: name });
      return;
    }
    const extension = option === '-j' ? targetExtensions.get(name) : undefined;
    if (extension === undefined) {
      this.#plainTarget = Object.freeze({
        kind: 'jump',
        chain: name,
        number: chainNumber(name),
        isGoto: option === '-g',
      });
      return;
    }
    this.#target = { extension, values: new OptionValues(extension.name, specs.get(extension) ?? noSpecs) };
  }

  #readCounter(): void {
    const packets = this.#argument('-c');
    const bytes = this.#words[this.#at];
    if (bytes === undefined || !/^[0-9]{1,15}$/.test(packets) || !/^[0-9]{1,15}$/.test(bytes)) {
      this.#fail('-c requires packet and byte counter');
      return;
    }
    this.#at += 1;
    this.#counter = { packets: Number(packets), bytes: Number(bytes) };
  }

  /** An option of the target or of the newest match that has it; else of the match that belongs to the protocol. */
  #readExtensionOption(word: string, negated: boolean): void {
    if (!word.startsWith('-')) {
      this.#fail(badArgument(word));
      return;
    }
    if (this.#ownerOf(this.#wholeName(word)) === undefined) this.#openProtocolMatch(word);
    const name = this.#wholeName(word);
    const owner = this.#ownerOf(name);
    const spec = owner?.values.spec(name);
    if (owner === undefined || spec === undefined) {
      this.#fail(`unknown option "${word}"`);
      return;
    }
    let text = spec.flag === true ? '' : this.#argument(word);
    if (spec.name === '--tcp-flags') text += ` ${this.#argument(word)}`;
    if (spec.hasTwoValues === true) text += ` ${this.#words[this.#at] ?? ''}`;
    if (spec.hasTwoValues === true && /^[^-]/.test(this.#words[this.#at] ?? '')) this.#at += 1;
    owner.values.give(spec, text, negated);
    if (owner.values.failure !== undefined) this.#fail(owner.values.failure);
  }

  /** A long option may be cut where no other of the line's extensions begins so. Source: getopt_long(3). */
  #wholeName(word: string): string {
    if (!word.startsWith('--') || this.#ownerOf(word) !== undefined) return word;
    const opened = this.#target === undefined ? this.#matches : [...this.#matches, this.#target];
    const names = new Set(opened.flatMap(({ values }) => values.namesFrom(word)));
    const [only = word, ...more] = names;
    return more.length > 0 ? word : only;
  }

  #ownerOf(word: string): OpenExtension<Match | Target> | undefined {
    if (this.#target?.values.spec(word) !== undefined) return this.#target;
    return this.#matches.findLast(({ values }) => values.spec(word) !== undefined);
  }

  #openProtocolMatch(word: string): void {
    if (this.#protocol === undefined || this.#protocol.negated) return;
    const name = protocolMatches.get(this.#protocol.number);
    const extension = name === undefined ? undefined : matchExtensions.get(name);
    if (name === undefined || extension === undefined || !word.startsWith('--')) return;
    const begins = (option: string) => option.startsWith(word);
    if (extension.options.some((option) => begins(option.name) || option.aliases?.some(begins))) {
      this.#openMatch(name, false);
    }
  }

  finish(): Result<ParsedRules, string> {
    const soFar: RuleSoFar = {
      table: this.#table,
      isProtocolNegated: this.#protocol?.negated ?? false,
      ...(this.#protocol === undefined || this.#protocol.negated ? {} : { protocol: this.#protocol.number }),
    };
    const matches = this.#matches.map((open) => buildExtension(open, soFar));
    const target = this.#target === undefined ? this.#plainTarget : buildExtension(this.#target, soFar);
    const failure = this.#firstFailure();
    if (failure !== undefined) return err(failure);
    const counter = this.#counter === undefined ? {} : { counter: this.#counter };
    const pairs = pairAddresses(this.#sources, this.#destinations);
    if (!pairs.ok) return pairs;
    const unusable = unusableLink(this.#chain, this.#inLink, this.#outLink);
    if (unusable !== undefined) return err(`Can't use ${unusable} with ${this.#chain}\n`);
    const rules = pairs.value.map((pair) => this.#makeRule(pair, matches, target));
    return ok({ rules, ...counter });
  }

  /** Complaints about one option come before those about a rule, and these before those about options together. */
  #firstFailure(): string | undefined {
    const opened = this.#target === undefined ? this.#matches : [...this.#matches, this.#target];
    for (const { values } of opened) if (values.failure !== undefined) return values.failure;
    if (this.#failure !== undefined) return this.#failure;
    for (const { values } of opened) if (values.endFailure !== undefined) return values.endFailure;
    return undefined;
  }

  #makeRule(
    { source, destination }: AddressPair,
    matches: readonly Match[],
    target: Target | undefined,
  ): Rule {
    return makeRule({
      source: isTest(source) ? source : undefined,
      destination: isTest(destination) ? destination : undefined,
      inLink: isLinkTest(this.#inLink) ? this.#inLink : undefined,
      outLink: isLinkTest(this.#outLink) ? this.#outLink : undefined,
      protocol: this.#protocol,
      fragment: this.#fragment,
      matches,
      target,
    });
  }
}

function buildExtension<T>(open: OpenExtension<T>, soFar: RuleSoFar): T {
  open.values.check(open.extension.options);
  return open.extension.build(open.values, soFar);
}

/** The words for an argument that belongs to nothing; they come without the tool's name. */
export function badArgument(word: string): string {
  return `Bad argument \`${word}'`;
}
