/** What people write and the library takes for something else, written so that it does what bash would. */
import type { SyntaxNode, Word } from 'unbash';
import { forEachNode, parseScript } from '../programs/shell/parse.ts';

/** `for NAME` without `in`, which goes over the arguments: the library would split them at blanks. */
const mayLackWords = /\bfor\s+\w+\s*(?:;|\n|\bdo\b)/;
/** A command that comes out of a variable: the library would look for one whose name has blanks. */
const mayStartWithVariable =
  /(?:^|[;&|(){}\n`!]|\b(?:then|do|else|elif|if|while|until|time)\b)\s*(?:\w+=\S*\s+)*"?\$[\w{(@]/;

interface Insertion {
  readonly at: number;
  readonly text: string;
}

/** The line with `in "$@"` in each `for` that names no words, and `command` before each variable that is a command. */
export function spellOut(line: string): string {
  if (!mayLackWords.test(line) && !mayStartWithVariable.test(line)) return line;
  const script = parseScript(line);
  if ((script.errors ?? []).length > 0) return line;
  const insertions: Insertion[] = [];
  forEachNode(script, (node) => insertions.push(...insertionsFor(node)));
  return insertions
    .sort((one, other) => other.at - one.at)
    .reduce((text, { at, text: added }) => `${text.slice(0, at)}${added}${text.slice(at)}`, line);
}

function insertionsFor(node: SyntaxNode): readonly Insertion[] {
  if (node.type === 'For' && node.wordlist === undefined) return [{ at: node.name.end, text: ' in "$@"' }];
  if (node.type === 'Command' && node.name !== undefined && maySplit(node.name))
    return [{ at: node.name.pos, text: 'command ' }];
  return [];
}

/** Whether a word may become several when it has become text. */
function maySplit({ text, parts = [] }: Word): boolean {
  return parts.some(({ type }) => expansions.has(type)) || /^"\$(?:@|\{@\}|\{\w+\[@\]\})"$/.test(text);
}

const expansions: ReadonlySet<string> = new Set([
  'SimpleExpansion',
  'ParameterExpansion',
  'CommandExpansion',
]);
