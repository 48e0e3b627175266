/** A cause told to a person, in either language. */
import type { Cause, CauseCode, Language, ToldCause } from './cause.ts';
import type { Sentences } from './sentences.ts';
import { english } from './sentences-en.ts';
import { korean } from './sentences-ko.ts';

const languages: Readonly<Record<Language, Sentences>> = { en: english, ko: korean };

/** One sentence that names the hop, rule or field at fault, and the next step. */
export function formatCause(cause: Cause, language: Language): ToldCause {
  return tell(languages[language], cause);
}

function tell<Code extends CauseCode>(
  sentences: Sentences,
  cause: Extract<Cause, { readonly code: Code }> & { readonly code: Code },
): ToldCause {
  return sentences[cause.code](cause);
}
