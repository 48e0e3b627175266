/** What the workbook's schemas ask for beyond types, in both languages: zod has no words of its own for these. */

export const requirements = {
  id: { ko: '소문자 단어를 하이픈으로 이어 쓰세요', en: 'lower-case words joined by hyphens' },
  relativePath: { ko: '폴더 안의 평범한 상대 경로를 쓰세요', en: 'a plain path inside the folder' },
  nameOrLabels: {
    ko: 'name과 labels 가운데 꼭 하나만 쓰세요',
    en: 'exactly one of name and labels',
  },
  runOrOf: { ko: 'run과 of 가운데 꼭 하나만 쓰세요', en: 'exactly one of run and of' },
  term: { ko: '소문자로 시작해 글자와 숫자만 쓰세요', en: 'a lower-case letter, then letters and digits' },
  hostName: { ko: 'DNS 이름을 쓰세요', en: 'a DNS name' },
} as const;

const koreanOf: ReadonlyMap<string, string> = new Map(
  Object.values(requirements).map(({ ko, en }) => [en, ko]),
);

/** The Korean for a requirement's English, which is what a schema hands to zod; undefined for zod's own messages. */
export function requirementInKorean(message: string): string | undefined {
  return koreanOf.get(message);
}
