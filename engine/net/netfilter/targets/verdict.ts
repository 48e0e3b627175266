/** The standard targets, and jumps to other chains. */

/** What a rule holds of it. */
export interface VerdictTarget {
  readonly kind: 'verdict';
  readonly verdict: 'ACCEPT' | 'DROP' | 'RETURN';
}

/** `-j CHAIN`, or `-g CHAIN`: then the end of that chain is the end of this one too. */
export interface JumpTarget {
  readonly kind: 'jump';
  readonly chain: string;
  /** Of the chain's name. */
  readonly number: number;
  readonly isGoto: boolean;
}

/** Whether a word after `-j` is a verdict. */
export function isVerdict(name: string): name is VerdictTarget['verdict'] {
  return name === 'ACCEPT' || name === 'DROP' || name === 'RETURN';
}
