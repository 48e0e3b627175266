/**
 * Regular expressions as Go has them: RE2's syntax, matched in linear time, so that no pattern can hang the server.
 */
import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';
import { err, ok, type Result } from '../../base/result.ts';

// The library is large, and most commands never meet a pattern: it is loaded with the first one.
const load = createRequire(import.meta.url);

/** Patterns that are kept compiled; past this, all are forgotten. */
const maxKnown = 2000;
// What a pattern compiles to never changes, so keeping it is not shared state.
const known = new Map<string, Result<RE2JS, string>>();

/** Compiles a pattern; the error is worded as Go words it. */
export function compileGoRegexp(pattern: string): Result<RE2JS, string> {
  const compiled = known.get(pattern) ?? compile(pattern);
  if (known.size >= maxKnown) known.clear();
  known.set(pattern, compiled);
  return compiled;
}

function compile(pattern: string): Result<RE2JS, string> {
  const library: typeof import('re2js') = load('re2js');
  try {
    return ok(library.RE2JS.compile(pattern));
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    // Both say what is wrong and quote the place; Go quotes it in backquotes.
    const [what = message, ...where] = message.split(': ');
    const found = where.join(': ').replace(/^`|`$/g, '');
    return err(
      `${what.startsWith('error parsing regexp') ? '' : 'error parsing regexp: '}${what}: \`${found}\``,
    );
  }
}

/** Whether a pattern matches somewhere in a text; a pattern that is none matches nothing. */
export function matchesGoRegexp(pattern: string, text: string): boolean {
  const compiled = compileGoRegexp(pattern);
  return compiled.ok && compiled.value.matcher(text).find();
}
