/** What bash lets people leave out, written out for a library that takes it for something else. */
import type { SyntaxNode } from 'unbash';
import { forEachNode, parseScript } from '../programs/shell/parse.ts';

/** `for NAME` without `in`, which goes over the arguments. */
const mayLackWords = /\bfor\s+\w+\s*(?:;|\n|\bdo\b)/;

/** The line with `in "$@"` in each `for` that names no words: the library would split the arguments at blanks. */
export function spellOutLoops(line: string): string {
  if (!mayLackWords.test(line)) return line;
  const script = parseScript(line);
  if ((script.errors ?? []).length > 0) return line;
  const ends: number[] = [];
  forEachNode(script, (node: SyntaxNode) => {
    if (node.type === 'For' && node.wordlist === undefined) ends.push(node.name.end);
  });
  return ends
    .sort((a, b) => b - a)
    .reduce((text, end) => `${text.slice(0, end)} in "$@"${text.slice(end)}`, line);
}
