/** The shape of a kubectl command: what cobra.Command is in the real one, as data and one function. */
import type { Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import type { FlagSpec } from './flag-table.ts';

/** A command, or a group of them. */
export interface Command {
  readonly name: string;
  /** What follows the command's own name in its usage line: `TYPE NAME [--x=y]`. */
  readonly usage: string;
  readonly short: string;
  /** What its help says; the short description when left out. */
  readonly long?: string;
  readonly aliases?: readonly string[];
  /** Words that are no alias, but for which this command is the suggestion. */
  readonly suggestFor?: readonly string[];
  /** Exit code for flags that it doesn't know; 1 when left out. */
  readonly misuseExitCode?: number;
  readonly flags: readonly FlagSpec[];
  readonly requiredFlags?: readonly string[];
  /** Needs no cluster, so a broken kubeconfig doesn't stop it. */
  readonly isLocal?: boolean;
  /** A group that says on stdout what there is in it; others say it on stderr. */
  readonly helpOnStdout?: boolean;
  readonly subcommands?: readonly Command[];
  /** Left out for a group, which then prints its help. */
  run?(invocation: Invocation): Promise<Outcome<void>>;
}
