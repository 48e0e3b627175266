/** POSIX regular expressions for grep and sed, matched in linear time by RE2. The library is loaded at first use. */
import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';
import { err, ok, type Result } from '../../base/result.ts';

/** Compiles a basic or extended expression, or says that it is none. */
export function compileExpression(
  text: string,
  options: { readonly extended: boolean; readonly fixed?: boolean; readonly ignoreCase?: boolean },
): Result<RE2JS, string> {
  const load = createRequire(import.meta.url);
  const library: typeof import('re2js') = load('re2js');
  const pattern =
    options.fixed === true ? library.RE2JS.quote(text) : options.extended ? text : toExtended(text);
  try {
    return ok(
      library.RE2JS.compile(pattern, options.ignoreCase === true ? library.RE2JS.CASE_INSENSITIVE : 0),
    );
  } catch (error) {
    return err(error instanceof Error ? error.message : 'bad regex');
  }
}

/** Basic expressions escape what extended ones do not, and the other way round. */
function toExtended(text: string): string {
  let result = '';
  let inSet = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (inSet) {
      result += character;
      if (character === ']') inSet = false;
    } else if (character === '[') {
      inSet = true;
      result += character;
    } else if (character === '\\' && index + 1 < text.length) {
      index += 1;
      const next = text.charAt(index);
      result += '(){}|+?'.includes(next) ? next : `\\${next}`;
    } else {
      result += '(){}|+?'.includes(character) ? `\\${character}` : character;
    }
  }
  return result;
}
