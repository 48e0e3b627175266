/**
 * Markdown inside a line: code, bold, emphasis, links, escapes. Bold ends where its marks end, whatever stands beside
 * them: CommonMark would not end it before a Korean particle (`**Service(서비스)**는`).
 */
import type { Line, Span, Tone } from './styled-text.ts';

/** Each alternative begins with a character of its own, and no repetition can match the same text in two ways. */
const marks =
  /\\([!-/:-@[-`{-~])|(`+)([^`]+)\2|\*\*([^*]+(?:\*[^*]+)*)\*\*|\*([^*\s][^*]*)\*|!?\[([^\]]*)\]\(([^)\s]*)\)|<(https?:[^>\s]+)>|(https?:\/\/[^\s)<>]+)/g;

/** The spans of a line of Markdown. */
export function parseInline(text: string, tone: Tone = 'plain'): Line {
  const spans: Span[] = [];
  let at = 0;
  for (const match of text.matchAll(marks)) {
    const [whole, escaped, , code, strong, emphasis, label, target, autolink, url] = match;
    add(spans, text.slice(at, match.index), tone);
    at = match.index + whole.length;
    if (escaped !== undefined) add(spans, escaped, tone);
    else if (code !== undefined) add(spans, trimCode(code), 'code');
    else if (strong !== undefined) spans.push(...parseInline(strong, 'strong'));
    else if (emphasis !== undefined) spans.push(...parseInline(emphasis, 'emphasis'));
    else if (label !== undefined) spans.push(...link(label, target ?? ''));
    else add(spans, autolink ?? url ?? '', 'link');
  }
  add(spans, text.slice(at), tone);
  return spans;
}

/** Source: CommonMark 0.31, "Code spans": one space at each end makes room for backticks. */
function trimCode(code: string): string {
  return /^ .*[^ ].* $/.test(code) ? code.slice(1, -1) : code;
}

/** A terminal can't be clicked everywhere, so the address is shown. */
function link(label: string, target: string): Line {
  if (target === '' || label === target) return [{ text: label, tone: 'link' }];
  return [
    { text: label, tone: 'plain' },
    { text: ` (${target})`, tone: 'link' },
  ];
}

function add(spans: Span[], text: string, tone: Tone): void {
  if (text !== '') spans.push({ text, tone });
}
