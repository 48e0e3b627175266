/** The one line that runs: how long it may take, and the terminal that it runs at. */
import type { ShellHost } from './shell-host.ts';
import type { ShellTerminal } from './terminal.ts';

/** What bounds a line. */
export interface LineBounds {
  readonly maxVirtualMs?: number;
  readonly isOver?: () => boolean;
  readonly terminal?: ShellTerminal;
}

/** Ends a line whose virtual time is up, at the next moment at which time passes. */
export class LineClock {
  readonly #host: ShellHost;
  #deadlineMs = Number.POSITIVE_INFINITY;
  #isOver: () => boolean = () => false;
  #line = new AbortController();
  #terminal: ShellTerminal | undefined;

  constructor(host: ShellHost) {
    this.#host = host;
  }

  /** That of the line. */
  get terminal(): ShellTerminal | undefined {
    return this.#terminal;
  }

  /** The host, looked at whenever it lets time pass. */
  watch(): ShellHost {
    return {
      ...this.#host,
      settle: () => {
        this.#host.settle();
        this.#check();
      },
      advance: (ms) => {
        this.#host.advance(ms);
        this.#check();
      },
    };
  }

  /** Begins a line; the signal ends it. */
  start({
    maxVirtualMs = Number.POSITIVE_INFINITY,
    isOver = () => false,
    terminal,
  }: LineBounds): AbortSignal {
    this.#terminal = terminal;
    this.#isOver = isOver;
    this.#deadlineMs = this.#host.api.now() + maxVirtualMs;
    this.#line = new AbortController();
    return this.#line.signal;
  }

  #check(): void {
    if (this.#host.api.now() > this.#deadlineMs || this.#isOver()) this.#line.abort();
  }
}
