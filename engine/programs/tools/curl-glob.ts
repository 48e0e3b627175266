/**
 * URL globbing of curl: `{one,two}` and `[1-3]`, `[01-10:2]`, `[a-c]` stand for several URLs. Source: curl(1), URL syntax;
 * curl 8.16, src/tool_urlglob.c, measured with curl 7.88.
 */
import { err, ok, type Result } from '../../base/result.ts';

/** One of the URLs that a pattern stands for, with the words that `#1`, `#2` … in file names stand for. */
export interface GlobbedUrl {
  readonly url: string;
  readonly words: readonly string[];
}

/** URLs that one pattern may stand for. */
const maxUrls = 1000;

/** Every URL of a pattern, the last part changing fastest; or curl's words after its code 3. */
export function globUrls(pattern: string): Result<readonly GlobbedUrl[], string> {
  let urls: readonly GlobbedUrl[] = [{ url: '', words: [] }];
  let position = 0;
  // curl counts from 1, and points behind what it has read.
  const refuse = (what: string, at: number): Result<never, string> =>
    err(`${what} in URL position ${at}:\n${pattern}\n${' '.repeat(at - 1)}^`);
  while (position < pattern.length) {
    const letter = pattern.charAt(position);
    if (letter !== '{' && letter !== '[') {
      if (letter === '}' || letter === ']') return refuse(`unmatched close brace/bracket`, position + 1);
      const isEscaped = letter === '\\' && /[{}[\]]/.test(pattern.charAt(position + 1));
      const plain = isEscaped ? pattern.charAt(position + 1) : letter;
      urls = urls.map(({ url, words }) => ({ url: url + plain, words }));
      position += isEscaped ? 2 : 1;
      continue;
    }
    // An address of IPv6 is written in brackets, too.
    const address = /^\[[0-9a-fA-F:]*:[0-9a-fA-F:.]*(?:%[^\]]*)?\]/.exec(pattern.slice(position))?.[0];
    if (letter === '[' && address !== undefined) {
      urls = urls.map(({ url, words }) => ({ url: url + address, words }));
      position += address.length;
      continue;
    }
    const end = pattern.indexOf(letter === '{' ? '}' : ']', position);
    if (end < 0)
      return letter === '{'
        ? refuse('unmatched brace', position + 1)
        : refuse('bad range', pattern.length + 1);
    const inside = pattern.slice(position + 1, end);
    const words = letter === '{' ? inside.split(',') : rangeOf(inside);
    if (words === undefined) return refuse('bad range', end + 2);
    if (urls.length * words.length > maxUrls) return refuse('range overflow', end + 2);
    urls = urls.flatMap((known) =>
      words.map((word) => ({ url: known.url + word, words: [...known.words, word] })),
    );
    position = end + 1;
  }
  return ok(urls);
}

/** `1-3`, `01-10:4`, `a-e:2` */
function rangeOf(text: string): readonly string[] | undefined {
  const match = /^(?:(\d{1,9})-(\d{1,9})|([a-z])-([a-z])|([A-Z])-([A-Z]))(?::(\d{1,9}))?$/.exec(text);
  if (match === null) return undefined;
  const [, first, last, small, smallEnd, large, largeEnd, step = '1'] = match;
  const from = first === undefined ? (small ?? large ?? '').charCodeAt(0) : Number(first);
  const to = last === undefined ? (smallEnd ?? largeEnd ?? '').charCodeAt(0) : Number(last);
  const by = Number(step);
  if (from > to || by < 1 || (to - from) / by > maxUrls) return undefined;
  const width = first?.startsWith('0') === true ? first.length : 0;
  const words: string[] = [];
  for (let at = from; at <= to; at += by)
    words.push(first === undefined ? String.fromCharCode(at) : String(at).padStart(width, '0'));
  return words;
}
