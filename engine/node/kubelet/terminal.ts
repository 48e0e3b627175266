/**
 * The line discipline of a terminal between a client and a process: input is gathered to lines and shown as it is typed,
 * output ends its lines with carriage return and newline. Source: termios(3), with what a new terminal is set to (ICANON,
 * ECHO, ISIG, ICRNL, ONLCR).
 *
 * Left out: raw mode, which no program here asks for.
 */

/** What input leads to. */
export interface TerminalTarget {
  write(bytes: Uint8Array): void;
  /** The end of input was typed. */
  end(): void;
  /** The interrupt key was typed; false when that reached nobody. */
  interrupt(): boolean;
}

/** One terminal. */
export interface Terminal {
  /** Takes what a client typed. */
  type(bytes: Uint8Array): void;
  /** What a client sees: what was typed since the last call, then what the process printed. */
  show(printed: Uint8Array): Uint8Array;
}

const keys = {
  interrupt: 0x03,
  endOfInput: 0x04,
  backspace: 0x08,
  newline: 0x0a,
  carriageReturn: 0x0d,
  killLine: 0x15,
  erase: 0x7f,
} as const;
/** A line that is longer is cut, as the kernel's buffer is. Source: termios(3), MAX_CANON of Linux. */
const maxLineBytes = 4_095;
const eraseOne = [keys.backspace, 0x20, keys.backspace];

/** Makes a terminal. */
export function createTerminal(target: TerminalTarget): Terminal {
  let line: number[] = [];
  let echo: number[] = [];

  /** Takes back the last character, all bytes of it. */
  function erase(): boolean {
    let last = line.pop();
    if (last === undefined) return false;
    while (last !== undefined && (last & 0xc0) === 0x80) last = line.pop();
    echo.push(...eraseOne);
    return true;
  }

  function take(byte: number): void {
    switch (byte) {
      case keys.carriageReturn:
      case keys.newline:
        echo.push(keys.carriageReturn, keys.newline);
        target.write(Uint8Array.from([...line, keys.newline]));
        line = [];
        return;
      case keys.backspace:
      case keys.erase:
        erase();
        return;
      case keys.killLine:
        while (erase());
        return;
      case keys.interrupt:
        echo.push(0x5e, 0x43, keys.carriageReturn, keys.newline);
        line = [];
        // A shell at its prompt begins another line.
        if (!target.interrupt()) target.write(Uint8Array.of(keys.newline));
        return;
      case keys.endOfInput:
        if (line.length === 0) target.end();
        else target.write(Uint8Array.from(line));
        line = [];
        return;
      default:
        if (line.length >= maxLineBytes) return;
        line.push(byte);
        echo.push(byte);
    }
  }

  return {
    type(bytes) {
      for (const byte of bytes) take(byte);
    },
    show(printed) {
      const shown = [...echo];
      echo = [];
      for (const byte of printed) {
        if (byte === keys.newline) shown.push(keys.carriageReturn);
        shown.push(byte);
      }
      return Uint8Array.from(shown);
    },
  };
}
