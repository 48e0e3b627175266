/**
 * Label selectors as text, as `-l` and the query parameter labelSelector carry them: `app=web,tier in (a,b),!old`.
 * Source: k8s.io/apimachinery/pkg/labels/selector.go.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { type LabelRequirement, meetsRequirement } from '../objects/labels.ts';
import { checkLabelValue, checkQualifiedName } from '../validation/names.ts';

/** A parsed selector: all requirements hold at once; none takes everything. */
export type LabelRequirements = readonly LabelRequirement[];

type TokenKind = 'identifier' | 'operator' | '!' | '(' | ')' | ',' | 'end';

interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

/** How upstream spells the operators that may stand between key and value. */
const binaryOperators = 'in, notin, =, ==, !=, gt, lt';

/** Parses a selector; the error is upstream's text. */
export function parseLabelSelector(text: string): Result<LabelRequirements, string> {
  const parser = new SelectorParser(tokenize(text));
  try {
    return ok(parser.selector());
  } catch (thrown) {
    if (thrown instanceof SelectorError) return err(thrown.message);
    throw thrown;
  }
}

/** Whether labels meet every requirement. */
export function matchesLabels(
  requirements: LabelRequirements,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  return requirements.every((requirement) => meetsRequirement(requirement, labels));
}

class SelectorError extends Error {
  override readonly name = 'SelectorError';
}

function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const pattern = /[ \t\r\n]+|([!<>=]+)|([(),])|[^ \t\r\n!<>=(),]+/g;
  for (const match of text.matchAll(pattern)) {
    const [word, operators, punctuation] = match;
    if (operators !== undefined) tokens.push(...splitOperators(operators));
    else if (punctuation === '(' || punctuation === ')' || punctuation === ',') {
      tokens.push({ kind: punctuation, text: punctuation });
    } else if (word.trim() !== '') {
      tokens.push({ kind: word === 'in' || word === 'notin' ? 'operator' : 'identifier', text: word });
    }
  }
  return [...tokens, { kind: 'end', text: '' }];
}

/** The longest operators that a run of signs holds: `!==` is `!=` and `=`. */
function splitOperators(signs: string): readonly Token[] {
  const found = signs.match(/==|!=|=|!|>|</g) ?? [];
  return found.map((text) => ({ kind: text === '!' ? '!' : 'operator', text }));
}

class SelectorParser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  selector(): LabelRequirements {
    const requirements: LabelRequirement[] = [];
    for (;;) {
      const token = this.#peek(true);
      if (token.kind === 'end') break;
      if (token.kind !== 'identifier' && token.kind !== '!') {
        throw new SelectorError(`found '${token.text}', expected: !, identifier, or 'end of string'`);
      }
      requirements.push(this.#requirement());
      const next = this.#take();
      if (next.kind === 'end') break;
      if (next.kind !== ',')
        throw new SelectorError(`found '${next.text}', expected: ',' or 'end of string'`);
      const after = this.#peek(true);
      if (after.kind !== 'identifier' && after.kind !== '!') {
        throw new SelectorError(`found '${after.text}', expected: identifier after ','`);
      }
    }
    return requirements.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  }

  #requirement(): LabelRequirement {
    const isNegated = this.#peek().kind === '!';
    if (isNegated) this.#take();
    const { kind, text: key } = this.#take(true);
    if (kind !== 'identifier') throw unparsable(`found '${key}', expected: identifier`);
    const problems = checkQualifiedName(key);
    if (problems.length > 0) {
      throw unparsable(`<nil>: Invalid value: ${JSON.stringify(key)}: ${problems.join('; ')}`);
    }
    const next = this.#peek();
    if (next.kind === 'end' || next.kind === ',') {
      return { key, operator: isNegated ? 'DoesNotExist' : 'Exists' };
    }
    if (isNegated) return { key, operator: 'DoesNotExist' };
    const operator = this.#take();
    if (operator.kind !== 'operator') {
      throw unparsable(`found '${operator.text}', expected: ${binaryOperators}`);
    }
    return this.#withValues(key, operator.text);
  }

  #withValues(key: string, operator: string): LabelRequirement {
    const isSet = operator === 'in' || operator === 'notin';
    const values = isSet ? this.#valueList() : [this.#exactValue()];
    if (operator === '>' || operator === '<') {
      const value = values[0] ?? '';
      if (!/^[+-]?[0-9]+$/.test(value)) {
        const detail = "for 'Gt', 'Lt' operators, the value must be an integer";
        throw unparsable(`values[0]: Invalid value: ${JSON.stringify(value)}: ${detail}`);
      }
      return { key, operator: operator === '>' ? 'Gt' : 'Lt', values };
    }
    for (const [index, value] of values.entries()) {
      const problems = checkLabelValue(value);
      if (problems.length > 0) {
        throw unparsable(
          `values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${problems.join('; ')}`,
        );
      }
    }
    const isPositive = operator === 'in' || operator === '=' || operator === '==';
    return { key, operator: isPositive ? 'In' : 'NotIn', values };
  }

  #exactValue(): string {
    const next = this.#peek(true);
    if (next.kind === 'end' || next.kind === ',') return '';
    const { kind, text } = this.#take(true);
    if (kind !== 'identifier') throw unparsable(`found '${text}', expected: identifier`);
    return text;
  }

  /** `(a,b)`; an empty place between commas stands for the empty value. */
  #valueList(): readonly string[] {
    const open = this.#take();
    if (open.kind !== '(') throw unparsable(`found '${open.text}' expected: '('`);
    const values = new Set<string>();
    const first = this.#peek(true);
    if (first.kind !== 'identifier' && first.kind !== ',' && first.kind !== ')') {
      throw unparsable(`found '${first.text}', expected: ',', ')' or identifier`);
    }
    let isPlaceEmpty = true;
    for (;;) {
      const { kind, text } = this.#take(true);
      if (kind === ')') {
        if (isPlaceEmpty) values.add('');
        return [...values].sort();
      }
      if (kind === ',') {
        if (isPlaceEmpty) values.add('');
        isPlaceEmpty = true;
      } else if (!isPlaceEmpty) {
        throw unparsable(`found '${text}', expected: ',' or ')'`);
      } else if (kind !== 'identifier') {
        throw unparsable(`found '${text}', expected: ',', or identifier`);
      } else {
        values.add(text);
        isPlaceEmpty = false;
      }
    }
  }

  /** Where a value may stand, the words `in` and `notin` are values like others. */
  #peek(asValue = false): Token {
    const token = this.#tokens[this.#at] ?? { kind: 'end', text: '' };
    return asValue && /^(?:not)?in$/.test(token.text) ? { ...token, kind: 'identifier' } : token;
  }

  #take(asValue = false): Token {
    const token = this.#peek(asValue);
    this.#at += 1;
    return token;
  }
}

function unparsable(problem: string): SelectorError {
  return new SelectorError(`unable to parse requirement: ${problem}`);
}
