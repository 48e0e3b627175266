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
  readonly #limits = new Set<{ readonly deadlineMs: number; readonly controller: AbortController }>();

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
      run: (machine, argv, stdin) => {
        const result = this.#host.run(machine, argv, stdin, this.#leftOrUndefined());
        this.#check();
        return result;
      },
      runAmongFiles: (argv, stdin, files) => {
        const ran = this.#host.runAmongFiles(argv, stdin, files, this.#leftOrUndefined());
        this.#check();
        return ran;
      },
      advance: (ms) => {
        // Who sleeps past a limit is woken at it.
        this.#host.advance(Math.min(ms, this.#leftMs()));
        this.#check();
      },
      api: {
        ...this.#host.api,
        waitUntil: async (done, timeoutMs) => {
          const leftMs = this.#leftOrUndefined();
          const boundedMs = leftMs === undefined ? timeoutMs : Math.min(timeoutMs ?? leftMs, leftMs);
          const outcome = await this.#host.api.waitUntil(done, boundedMs);
          this.#checkLimits();
          return outcome;
        },
      },
    };
  }

  /** A part of the line that may take only so long; its signal ends it. */
  limit(ms: number): { readonly signal: AbortSignal; end(): void } {
    const limit = { deadlineMs: this.#host.api.now() + ms, controller: new AbortController() };
    this.#limits.add(limit);
    return { signal: limit.controller.signal, end: () => void this.#limits.delete(limit) };
  }

  /** Until the nearest limit. */
  #leftMs(): number {
    const open = [...this.#limits].filter(({ controller }) => !controller.signal.aborted);
    return Math.min(...open.map(({ deadlineMs }) => Math.max(0, deadlineMs - this.#host.api.now())));
  }

  #leftOrUndefined(): number | undefined {
    const leftMs = this.#leftMs();
    return Number.isFinite(leftMs) ? leftMs : undefined;
  }

  #checkLimits(): void {
    for (const { deadlineMs, controller } of this.#limits)
      if (this.#host.api.now() >= deadlineMs) controller.abort();
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
    this.#limits.clear();
    return this.#line.signal;
  }

  #check(): void {
    this.#checkLimits();
    if (this.#host.api.now() > this.#deadlineMs || this.#isOver()) this.#line.abort();
  }
}
