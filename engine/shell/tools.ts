/** Which commands the shell offers: those of just-bash that need neither network nor clock, and ours. */
import type { CommandName } from 'just-bash';

/**
 * The commands of just-bash that are offered. Left out: interpreters, archives and databases, which a lesson has no use
 * for, what reads the wall clock (`date`, `timeout`), and what falls short of what people type (grep, xargs and others).
 */
export const bundledTools: readonly CommandName[] = [
  'alias',
  'awk',
  'base64',
  'basename',
  'bash',
  'cat',
  'chmod',
  'clear',
  'column',
  'comm',
  'cp',
  'dirname',
  'echo',
  'env',
  'expand',
  'expr',
  'false',
  'find',
  'fold',
  'help',
  'history',
  'join',
  'jq',
  'ln',
  'ls',
  'md5sum',
  'mkdir',
  'mv',
  'nl',
  'od',
  'paste',
  'printenv',
  'printf',
  'pwd',
  'readlink',
  'rev',
  'rm',
  'rmdir',
  'seq',
  'sh',
  'sha256sum',
  'sleep',
  'sort',
  'split',
  'stat',
  'tac',
  'tee',
  'touch',
  'tr',
  'tree',
  'true',
  'unalias',
  'which',
  'whoami',
  'yq',
];

/** Names by which people call an editor: at a terminal each opens the learner's own. */
export const editors: readonly string[] = ['vi', 'vim', 'nano', 'emacs', 'pico', 'ed'];

/** Programs that page text; here they print it whole. */
export const pagers: readonly string[] = ['less', 'more', 'most'];

/** Names that just-bash answers with advice about itself when they are not offered; a shell doesn't know them. */
export const missingTools: readonly string[] = ['python', 'python3', 'sqlite3', 'tar', 'xan'];

/** Commands of ours that need a bash: they start others, or look at any file. */
export const bashTools: ReadonlySet<string> = new Set([
  'cut',
  'egrep',
  'fgrep',
  'grep',
  'head',
  'sed',
  'tail',
  'timeout',
  'uniq',
  'watch',
  'wc',
  'xargs',
]);
