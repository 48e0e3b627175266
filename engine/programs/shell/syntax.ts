/** Small questions about nodes of a script's tree. */
import type { Script, Statement, SyntaxNode } from 'unbash';
import * as sys from '../../net/process/sys.ts';
import type { NodeName } from './parse.ts';

/** The commands of a node that a forked shell is to run whole, or undefined when it is a single command. */
export function statementsOf(node: SyntaxNode): readonly Statement[] | undefined {
  if (node.type === 'Script' || node.type === 'CompoundList') return node.commands;
  if (node.type === 'Subshell' || node.type === 'BraceGroup') return node.body.commands;
  return undefined;
}

/** The name under which a node is found again. */
export function nameOf(node: SyntaxNode | Script): NodeName {
  return { type: node.type, pos: node.pos, end: node.end };
}

/** Whether a pipeline turns its status round. */
export function isNegated(node: SyntaxNode): boolean {
  return (
    node.type === 'Pipeline' && node.prefixes.filter((prefix) => prefix.type === 'Negation').length % 2 === 1
  );
}

/** Whether an assignment runs a command, so that the command's status is its own. */
export function hasSubstitution(item: SyntaxNode): boolean {
  if (item.type !== 'Assignment' || item.value.type !== 'Word') return false;
  return /\$\(|`/.test(item.value.text);
}

/** A word as `set -x` shows it. */
export function quoteForTrace(text: string): string {
  return text === '' || /[\s'"$*?;&|<>()]/.test(text) ? `'${text.replaceAll("'", "'\\''")}'` : text;
}

/** What a command of redirections alone runs. */
export function* nothing(): sys.Sys<void> {
  yield* sys.now();
}
