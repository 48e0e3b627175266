/**
 * Text that a learner wrote, or that came out of what a learner wrote, made safe to print: a terminal obeys escapes, and a
 * submission must not be able to repaint an instructor's screen.
 */

/** Control characters but for tab and newline, other line ends, and what turns the direction of the text after it. */
const obeyed = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** The same text with whatever a terminal would obey shown instead (`␛`). */
export function neutralise(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(obeyed, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? '\u2421' : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
