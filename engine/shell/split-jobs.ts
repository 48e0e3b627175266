/** A line cut where `&` sends a command to the background. */
import { parseScript } from '../programs/shell/parse.ts';

/** A part of a line that is run by itself. */
export interface LinePart {
  readonly text: string;
  readonly isBackground: boolean;
}

/** An `&` that is neither `&&` nor part of a redirection. */
const mayHaveJobs = /(^|[^&<>])&(?![&>0-9-])/;

/** The parts in order; a line without a background command is one part. */
export function splitJobs(line: string): readonly LinePart[] {
  const whole: readonly LinePart[] = [{ text: line, isBackground: false }];
  // The body of a here-document stands behind the line that it belongs to.
  if (!mayHaveJobs.test(line) || line.includes('<<')) return whole;
  const script = parseScript(line);
  if ((script.errors ?? []).length > 0 || !script.commands.some(({ background }) => background === true)) {
    return whole;
  }
  const parts: LinePart[] = [];
  let from = 0;
  for (const [at, statement] of script.commands.entries()) {
    if (statement.background !== true) continue;
    if (statement.pos > from) parts.push({ text: line.slice(from, statement.pos), isBackground: false });
    const end = script.commands[at + 1]?.pos ?? line.length;
    parts.push({ text: line.slice(statement.pos, end).replace(/&[^&]*$/, ''), isBackground: true });
    from = end;
  }
  if (from < line.length) parts.push({ text: line.slice(from), isBackground: false });
  return parts.filter(({ text }) => text.trim() !== '');
}
