/**
 * Lines that mean the same to every shell: one command and its words, with nothing that bash would expand, redirect or
 * join. Source: POSIX, Shell Command Language, 2.2 Quoting and 2.3 Token Recognition.
 */

/** A longer line has bash's own limits to meet. */
const maxLength = 10_000;

/** Characters that stand for themselves wherever they stand outside of quotes. */
const bare = /[\p{L}\p{N}_@%+:,./=-]/u;
/** What keeps a meaning between double quotes. */
const activeInDoubleQuotes = /[$`\\!]/;

/** The words of a plain line, or undefined when it takes bash to tell what it means. */
export function parsePlainLine(line: string): readonly string[] | undefined {
  if (line.length > maxLength) return undefined;
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (character === ' ' || character === '\t') {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === "'" || character === '"') {
      const end = line.indexOf(character, at + 1);
      const quoted = line.slice(at + 1, end);
      if (end < 0 || quoted.includes('\n') || (character === '"' && activeInDoubleQuotes.test(quoted))) {
        return undefined;
      }
      word = (word ?? '') + quoted;
      at = end;
    } else if (bare.test(character)) word = (word ?? '') + character;
    else if (/^\n[\n \t]*$/.test(line.slice(at))) break;
    else return undefined;
  }
  if (word !== undefined) words.push(word);
  const [name] = words;
  // An assignment, or a quoted word that happens to be a command's name: an alias would not meet it.
  return name === undefined || !/^[a-z][\w.-]*$/.test(name) || !line.trimStart().startsWith(name)
    ? undefined
    : words;
}
