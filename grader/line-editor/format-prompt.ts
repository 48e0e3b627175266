/** What stands before a line at the shell. */
import type { ShellPlace } from '../../engine/index.ts';

/** The namespace that a line without `-n` is about, the context where there are several, and the folder if not home. */
export function formatPrompt({ context, namespace, contexts, folder }: ShellPlace): string {
  const cluster = contexts > 1 ? `${context}:` : '';
  const where = cluster + namespace;
  return `${where === '' ? '' : `${where} `}${folder === '~' ? '' : `${folder} `}$ `;
}
