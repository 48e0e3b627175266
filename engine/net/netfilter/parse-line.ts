/** Cuts a line of `iptables-restore` input into arguments, as the tool does. */

/**
 * Arguments are separated by blanks; double quotes hold one together, and inside them a backslash takes the next
 * character as it is. Single quotes mean nothing.
 * Source: behaviour of iptables-restore v1.8.9.
 */
export function splitArguments(line: string): string[] {
  if (!line.includes('"')) return line.split(/[ \t]+/).filter((word) => word !== '');
  const words: string[] = [];
  let word = '';
  let isQuoted = false;
  let isOpen = false;
  for (let index = 0; index < line.length; index += 1) {
    const char = line.charAt(index);
    if (isOpen) {
      if (char === '\\' && index + 1 < line.length) {
        index += 1;
        word += line.charAt(index);
      } else if (char === '"') isOpen = false;
      else word += char;
    } else if (char === '"') {
      isOpen = true;
      isQuoted = true;
    } else if (char === ' ' || char === '\t') {
      if (word !== '' || isQuoted) words.push(word);
      word = '';
      isQuoted = false;
    } else word += char;
  }
  if (word !== '' || isQuoted) words.push(word);
  return words;
}
