/** Breaking lines at white space. Source: github.com/mitchellh/go-wordwrap, which kubectl wraps descriptions with. */

/** Breaks lines longer than `limit` characters; a longer word stays whole, and lines that were there stay. */
export function wrapWords(text: string, limit: number): string {
  let out = '';
  let lineLength = 0;
  let word = '';
  let space = '';
  const flush = () => {
    lineLength += space.length + word.length;
    out += space + word;
    space = '';
    word = '';
  };
  for (const char of text) {
    if (char === '\n') {
      if (word === '' && lineLength + space.length > limit) space = '';
      flush();
      out += char;
      lineLength = 0;
    } else if (/\s/.test(char) && char !== '\u00a0') {
      if (space === '' || word !== '') flush();
      space += char;
    } else {
      word += char;
      if (lineLength + word.length + space.length > limit && word.length < limit) {
        out += '\n';
        lineLength = 0;
        space = '';
      }
    }
  }
  if (word === '' && lineLength + space.length > limit) return out;
  return out + space + word;
}
