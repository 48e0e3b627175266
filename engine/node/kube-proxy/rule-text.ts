/** Gathers the four parts of restore input: chains and rules of the filter and nat tables. */
export class RuleText {
  readonly #filterChains: string[] = [];
  readonly #filterRules: string[] = [];
  readonly #natChains: string[] = [];
  readonly #natRules: string[] = [];

  filterChain(name: string): void {
    this.#filterChains.push(chainLine(name));
  }

  filter(rule: string): void {
    this.#filterRules.push(rule);
  }

  natChain(name: string): void {
    this.#natChains.push(chainLine(name));
  }

  nat(rule: string): void {
    this.#natRules.push(rule);
  }

  toString(): string {
    const lines = [
      '*filter',
      ...this.#filterChains,
      ...this.#filterRules,
      'COMMIT',
      '*nat',
      ...this.#natChains,
      ...this.#natRules,
      'COMMIT',
    ];
    return `${lines.join('\n')}\n`;
  }
}

function chainLine(name: string): string {
  return `:${name} - [0:0]`;
}
