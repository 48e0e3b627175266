/**
 * The lines of one Service port. Those in chains that all Services share are written at every sync; those in its own
 * chains only when something about it changed.
 */

/** See the head of this file. */
export class RuleText {
  readonly filterRules: string[] = [];
  /** Rules of table nat in chains of all Services. */
  readonly sharedNatRules: string[] = [];
  /** Rules of its own chains, all in table nat. */
  readonly natRules: string[] = [];
  /** The names of its own chains. */
  readonly chains: string[] = [];

  filter(rule: string): void {
    this.filterRules.push(rule);
  }

  /** A rule of a chain of all Services. */
  sharedNat(rule: string): void {
    this.sharedNatRules.push(rule);
  }

  /** A rule of the port's own chains. */
  nat(rule: string): void {
    this.natRules.push(rule);
  }

  chain(name: string): void {
    this.chains.push(name);
  }
}

/** A line that makes a chain, or empties it. */
export function chainLine(name: string): string {
  return `:${name} - [0:0]`;
}
