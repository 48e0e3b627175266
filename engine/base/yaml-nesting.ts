/**
 * How deep a YAML text nests, told before it is parsed. The parser recurses once a level, and a stack that runs out
 * while V8 compiles a regular expression ends the whole process, not only the call: no `catch` helps.
 */
import { Lexer } from 'yaml';
import { defaultLimits } from './limits.ts';

/** What go-yaml says in this case, with our bound. Source: go.yaml.in/yaml/v2, scannerc.go, yaml_parser_increase_flow_level. */
export const nestingError = `exceeded max depth of ${defaultLimits.maxNesting}`;

/** The lexer itself recurses at indicators that stand side by side. */
const indicatorsInARow = new RegExp(`(?:[-?:][ \\t]+){${defaultLimits.maxNesting}}`);

/** Whether the text nests deeper than anything that a person writes. */
export function isNestedTooDeeply(text: string): boolean {
  if (mostLevels(text) <= defaultLimits.maxNesting) return false;
  return indicatorsInARow.test(text) || depthExceeds(text, defaultLimits.maxNesting);
}

/** A bound that costs little: each level has a bracket, or an indent or an indicator of its own before some line's text. */
function mostLevels(text: string): number {
  const brackets = text.match(/[[{]/g)?.length ?? 0;
  let widest = 0;
  for (const [before] of text.matchAll(/^[ \t?:-]+/gm)) widest = Math.max(widest, before.length);
  return brackets + widest;
}

function depthExceeds(text: string, bound: number): boolean {
  const indents: number[] = [];
  let flowDepth = 0;
  let column = 0;
  let isScalarNext = false;
  for (const token of new Lexer().lex(text)) {
    if (token === '\n' || token === '\r\n') column = 0;
    else if (token === scalarMark) isScalarNext = true;
    else if (!isControl(token)) {
      if (!isScalarNext && (token === '[' || token === '{')) flowDepth += 1;
      else if (!isScalarNext && (token === ']' || token === '}')) flowDepth = Math.max(0, flowDepth - 1);
      else if (flowDepth === 0 && token.trim() !== '') {
        while ((indents.at(-1) ?? -1) >= column) indents.pop();
        indents.push(column);
      }
      if (indents.length + flowDepth > bound) return true;
      isScalarNext = false;
      const lastBreak = token.lastIndexOf('\n');
      column = lastBreak < 0 ? column + token.length : token.length - lastBreak - 1;
    }
  }
  return false;
}

/** The lexer's token before the text of a plain or block scalar. Source: yaml, parse/cst, SCALAR. */
const scalarMark = '\u001f';

/** Tokens that stand for no text: byte order mark, document, end of flow. */
function isControl(token: string): boolean {
  return token === '\uFEFF' || token === '\u0002' || token === '\u0018';
}
