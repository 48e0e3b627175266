/** `kubedrill glossary [TERM]`: the chapter's words in both languages; one of them with what it means. */
import { nearest } from '../../exercise/nearest.ts';
import type { Glossary, Localized } from '../../exercise/schema.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes, UsageError } from '../io.ts';

type Term = Glossary['terms'][number];

/** Prints every term, or the one named in either language. */
export async function runGlossary(context: CommandContext, word: string | undefined): Promise<number> {
  const { workbook } = await context.openSession();
  const terms = workbook.chapters.flatMap(({ glossary }) => glossary);
  if (word === undefined) {
    for (const { name } of terms) context.print(bothNames(name, context));
    return exitCodes.ok;
  }
  const term = terms.find((candidate) => spellings(candidate).some((spelling) => isSame(spelling, word)));
  if (term === undefined) throw new UsageError(unknownTerm(word, terms)[context.language]);
  context.print(bothNames(term.name, context));
  context.print(`  ${term.means[context.language]}`);
  context.print(`  → npx kubedrill show ${term.section}`);
  context.print(`  → ${term.link[context.language]}`);
  return exitCodes.ok;
}

/** The session's own name first, the other in brackets where it differs. */
function bothNames(name: Localized, { language }: CommandContext): string {
  const other = language === 'ko' ? name.en : name.ko;
  return other === name[language] ? other : `${name[language]} (${other})`;
}

function spellings({ name, aliases }: Term): readonly string[] {
  return [name.en, name.ko, ...aliases];
}

function isSame(one: string, other: string): boolean {
  return one.normalize().toLowerCase() === other.normalize().toLowerCase();
}

function unknownTerm(word: string, terms: readonly Term[]): Localized {
  const meant = nearest(
    word.toLowerCase(),
    terms.flatMap(spellings).map((spelling) => spelling.toLowerCase()),
  );
  return {
    ko: `용어집에 "${word}"가 없습니다. ${meant === undefined ? '`kubedrill glossary`로 목록을 보세요' : `"${meant}"인가요?`}`,
    en: `the glossary has no "${word}"; ${meant === undefined ? 'see `kubedrill glossary`' : `did you mean "${meant}"?`}`,
  };
}
