/** Which of the two languages to speak: `--lang`, then KUBEDRILL_LANG, then the locale. */
import type { Language } from '../../engine/index.ts';
import { UsageError } from './io.ts';

/** The languages by their codes. */
const languages: Readonly<Record<Language, Language>> = { ko: 'ko', en: 'en' };

/** The language named, or the locale's; English where the locale is neither. @throws UsageError for an unknown one. */
export function chooseLanguage(
  named: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Language {
  const wanted = named ?? env.KUBEDRILL_LANG;
  if (wanted !== undefined && wanted !== '') {
    if (isLanguage(wanted)) return wanted;
    throw new UsageError(`unknown language "${wanted}": ko or en`);
  }
  // Source: setlocale(3): the first of these that is set and not empty decides.
  const locale = [env.LC_ALL, env.LC_MESSAGES, env.LANG].find((value) => value !== undefined && value !== '');
  return locale !== undefined && /^ko([_.@-]|$)/i.test(locale) ? 'ko' : 'en';
}

function isLanguage(text: string): text is Language {
  return Object.hasOwn(languages, text);
}
