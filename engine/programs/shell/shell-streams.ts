/** Standard input, output and error of a shell, and where redirections lead them. */
import type { ParsedScript, Redirection } from 'unbash';
import type { Errno } from '../../net/process/errno.ts';
import * as sys from '../../net/process/sys.ts';
import { errnoText } from '../errno-text.ts';
import { type ExpansionHost, expandHereDocument, expandText } from './expand.ts';
import { environmentOf, type Output, type ShellState } from './state.ts';

/** Standard input of the shell: its own, or bytes that a redirection put there. */
type Input =
  | { readonly kind: 'own' }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; offset: number };

/** What of a shell is about its streams; the rest is the interpreter's. */
export abstract class ShellStreams implements ExpansionHost {
  abstract readonly state: ShellState;
  abstract readonly pid: number;
  stdin: Input = { kind: 'own' };
  stdout: Output = { kind: 'own', fd: 1 };
  stderr: Output = { kind: 'own', fd: 2 };

  abstract substitute(script: ParsedScript | undefined): sys.Sys<string>;
  abstract fail(message: string): sys.Sys<void>;

  /** Writes to where standard output or error leads now. */
  *write(stream: 'stdout' | 'stderr', text: string): sys.Sys<void> {
    if (text === '') return;
    const target = this[stream];
    if (target.kind === 'own') yield* sys.write(target.fd, sys.toBytes(text));
    else yield* sys.writeFile(target.path, sys.toBytes(text), true);
  }

  /** An error message with the shell's name before it. */
  *sayError(message: string): sys.Sys<void> {
    const prefix = this.state.name === 'bash' ? 'bash: line 1: ' : `${this.state.name}: `;
    yield* this.write('stderr', `${prefix}${message}\n`);
  }

  /** Why a program was not started, with the status that says so. */
  *sayNotStarted(command: string, errno: Errno): sys.Sys<void> {
    const missing = this.state.name === 'bash' ? 'command not found' : 'not found';
    const text =
      errno === 'ENOENT' && !command.includes('/')
        ? missing
        : errno === 'ENOENT' && this.state.name !== 'bash'
          ? 'not found'
          : errnoText(errno);
    yield* this.sayError(`${command}: ${text}`);
    this.state.status = errno === 'ENOENT' ? 127 : 126;
  }

  /** One line of the shell's input without its newline, or undefined at the end. */
  *readLine(): sys.Sys<string | undefined> {
    if (this.stdin.kind === 'own') {
      const line = yield* sys.readStdin({ line: true });
      return line === undefined ? undefined : sys.toText(line);
    }
    const { bytes, offset } = this.stdin;
    if (offset >= bytes.length) return undefined;
    const newline = bytes.indexOf(0x0a, offset);
    const end = newline < 0 ? bytes.length : newline + 1;
    this.stdin.offset = end;
    return sys.toText(bytes.subarray(offset, end));
  }

  /** A path as seen from the shell's working directory. */
  path(path: string): string {
    return path.startsWith('/') ? path : `${this.state.cwd === '/' ? '' : this.state.cwd}/${path}`;
  }

  /** Where a child's streams lead, by what was redirected here. */
  childStreams(): sys.ChildOptions {
    const file = (target: Output) =>
      target.kind === 'file' ? ({ file: target.path, append: true } as const) : undefined;
    const { stdout, stderr } = this;
    return {
      cwd: this.state.cwd,
      env: environmentOf(this.state),
      stdin: this.stdin.kind === 'own' ? 'inherit' : this.stdin.bytes.subarray(this.stdin.offset),
      stdout: file(stdout) ?? (stdout.kind === 'own' && stdout.fd === 2 ? 'stderr' : 'inherit'),
      stderr: file(stderr) ?? (stderr.kind === 'own' && stderr.fd === 1 ? 'stdout' : 'inherit'),
    };
  }

  /** Makes one redirection; false after saying why it can't be made. */
  *redirect(redirection: Redirection): sys.Sys<boolean> {
    if (redirection.type === 'HereDoc') {
      const { body, delimiter } = redirection;
      const isPlain = delimiter?.quoted === true || body.parts === undefined;
      const text = isPlain ? body.text : yield* expandHereDocument(this, body.parts ?? []);
      const stripped = redirection.operator === '<<-' ? text.replace(/^\t+/gm, '') : text;
      this.stdin = { kind: 'bytes', bytes: sys.toBytes(stripped), offset: 0 };
      return true;
    }
    const target = redirection.target === undefined ? '' : yield* expandText(this, redirection.target);
    if (redirection.type === 'HereString') {
      this.stdin = { kind: 'bytes', bytes: sys.toBytes(`${target}\n`), offset: 0 };
      return true;
    }
    const { operator, descriptor } = redirection;
    const fd = descriptor?.type === 'FileDescriptor' ? descriptor.value : operator.startsWith('<') ? 0 : 1;
    if (operator === '<' || operator === '<>') {
      const content = yield* sys.readFile(this.path(target));
      if (!content.ok) {
        yield* this.sayError(this.#openError(target, errnoText(content.error), false));
        return false;
      }
      this.stdin = { kind: 'bytes', bytes: content.value, offset: 0 };
      return true;
    }
    if (operator === '>&' && /^[12-]$/.test(target)) {
      const output: Output =
        target === '-' ? { kind: 'file', path: '/dev/null' } : target === '1' ? this.stdout : this.stderr;
      this.#setOutput(fd, output);
      return true;
    }
    if (operator === '<&') {
      if (target === '-') this.stdin = { kind: 'bytes', bytes: new Uint8Array(), offset: 0 };
      return true;
    }
    const path = this.path(target);
    const append = operator === '>>' || operator === '&>>';
    const opened = yield* sys.writeFile(path, new Uint8Array(), append);
    if (!opened.ok) {
      yield* this.sayError(this.#openError(target, errnoText(opened.error), true));
      return false;
    }
    const output: Output = { kind: 'file', path };
    const both = operator.startsWith('&>') || (operator === '>&' && descriptor === undefined);
    this.#setOutput(both ? 1 : fd, output);
    if (both) this.#setOutput(2, output);
    return true;
  }

  #openError(target: string, reason: string, creates: boolean): string {
    if (this.state.name === 'bash') return `${target}: ${reason}`;
    const nonexistent = creates ? 'nonexistent directory' : 'no such file';
    return `can't ${creates ? 'create' : 'open'} ${target}: ${reason === 'No such file or directory' ? nonexistent : reason}`;
  }

  #setOutput(fd: number, output: Output): void {
    if (fd === 1) this.stdout = output;
    else if (fd === 2) this.stderr = output;
  }
}
