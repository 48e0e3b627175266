/** Shell scripts as syntax trees. The parser is unbash's; it is loaded when the first script is. */
import { createRequire } from 'node:module';
import type { ParsedScript, SyntaxNode } from 'unbash';

/** A node that a forked shell is to run, named so that it can find it in the same source. */
export type NodeName = { readonly type: string; readonly pos: number; readonly end: number };

/** Parses a script. */
export function parseScript(source: string): ParsedScript {
  return unbash().parse(source);
}

/** What is wrong with a script, in ash's words where it has some; undefined when nothing is. */
export function syntaxError(script: ParsedScript): string | undefined {
  const [problem] = script.errors ?? [];
  if (problem === undefined) return undefined;
  if (/^unterminated (single|double) quote/.test(problem.message))
    return 'syntax error: unterminated quoted string';
  if (isIncomplete(script)) return 'syntax error: unexpected end of file';
  return `syntax error: ${problem.message}`;
}

/** Whether more lines could make a script whole. */
export function isIncomplete(script: ParsedScript): boolean {
  return (script.errors ?? []).some(({ message }) =>
    /^unterminated|to close|^expected command after/.test(message),
  );
}

/** The node of a name in a tree, wherever it lies. */
export function findNode(root: SyntaxNode, name: NodeName): SyntaxNode | undefined {
  if (root.type === name.type && root.pos === name.pos && root.end === name.end) return root;
  let found: SyntaxNode | undefined;
  unbash().forEachChild(root, (child: SyntaxNode) => {
    found ??= findNode(child, name);
  });
  return found;
}

/** Calls back with a node and all that lie below it. */
export function forEachNode(root: SyntaxNode, visit: (node: SyntaxNode) => void): void {
  visit(root);
  unbash().forEachChild(root, (child: SyntaxNode) => forEachNode(child, visit));
}

const load = createRequire(import.meta.url);

function unbash(): typeof import('unbash') {
  return load('unbash');
}
