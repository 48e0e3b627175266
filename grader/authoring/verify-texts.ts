/** Whether an exercise is whole in both languages: its task, its section's lesson, and every text of its definition. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exampleOf, expressionOf, matches } from '../checks/pattern.ts';
import type { Localized } from '../exercise/schema.ts';
import type { Exercise, Section } from '../exercise/workbook.ts';
import { verifyNames, verifyReferences } from './verify-names.ts';

const hangul = /\p{Script=Hangul}/u;

/** A page of Kubernetes' own documentation or of a project of its own, an anchor at most behind it. */
const documentation =
  /^https:\/\/([a-z-]+\.(sigs\.k8s\.io|sigs\.kubernetes\.io)|kubernetes\.io)\/[\w./-]*\/?(#[\w.-]+)?$/;

/** What is missing or in the wrong language. */
export function verifyTexts(exercise: Exercise, section: Section): readonly string[] {
  const task = readPair(exercise.folder, 'task');
  const lesson = readPair(section.folder, 'section');
  const texts = textsOf(exercise);
  return [
    ...verifyPair('task', task),
    ...verifyPair('section', lesson),
    ...verifyLesson(section.id, lesson),
    ...verifyStarter(exercise),
    ...texts.flatMap(([name, text]) => verifyLocalized(name, text)),
    ...verifyExamples(exercise),
    ...verifyNames(exercise.definition, task),
    ...[...texts, ['task', task] as const].flatMap(([name, text]) =>
      verifyReferences(name, text, exercise.definition),
    ),
  ];
}

function textsOf({ definition }: Exercise): readonly (readonly [string, Localized])[] {
  return [
    ['title', definition.title],
    ...definition.hints.map((hint, index) => [`hints[${index}]`, hint] as const),
    ...definition.checks.map((check) => [`check ${check.id}`, check.says] as const),
    ['debrief.why', definition.debrief.why],
    ['debrief.bigger', definition.debrief.bigger],
  ];
}

/** What is shown of a pattern must be something that the pattern takes. */
function verifyExamples({ definition }: Exercise): readonly string[] {
  return definition.checks.flatMap((check) =>
    check.kind === 'output'
      ? [
          ...check.stdoutMatches,
          ...check.stdoutLacks,
          ...check.stderrMatches,
          ...check.scriptMatches,
          ...check.scriptLacks,
        ]
          .filter((pattern) => !matches(expressionOf(pattern), exampleOf(pattern)))
          .map(
            (pattern) => `check ${check.id}: \`like\` is missing or not what ${expressionOf(pattern)} takes`,
          )
      : [],
  );
}

/** A title may be the same word in both (`ExternalName`); what holds Hangul is no English. */
function verifyLocalized(name: string, text: Localized): readonly string[] {
  return hangul.test(text.en) ? [`${name}: the English text holds Korean`] : [];
}

/** The text of both languages; empty where there is none. */
function readPair(folder: string, name: string): Localized {
  const read = (language: keyof Localized) => {
    const file = join(folder, `${name}.${language}.md`);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  };
  return { ko: read('ko'), en: read('en') };
}

function verifyPair(name: string, texts: Localized): readonly string[] {
  const problems = (['ko', 'en'] as const)
    .filter((language) => texts[language].trim() === '')
    .map((language) => `${name}.${language}.md is missing or empty`);
  if (texts.ko.trim() !== '' && !hangul.test(texts.ko)) problems.push(`${name}.ko.md holds no Korean`);
  if (hangul.test(texts.en)) problems.push(`${name}.en.md holds Korean`);
  problems.push(...verifyLinks(name, texts));
  if (countHeadings(texts.ko) !== countHeadings(texts.en)) {
    problems.push(`${name}.ko.md and ${name}.en.md do not have the same number of headings`);
  }
  return problems;
}

/** A lesson is one screen: an idea, a drawing, the sentence to remember, and where to read on. */
function verifyLesson(id: string, lesson: Localized): readonly string[] {
  return (['ko', 'en'] as const).flatMap((language) => {
    const text = lesson[language];
    const wants = [
      ['a drawing between ```', /^```[\s\S]*^```/m.test(text)],
      [`**${rememberMark[language]}:**`, text.includes(`**${rememberMark[language]}:**`)],
      ['a link to the documentation', /https:\/\//.test(text)],
      [`at most ${longestLesson} lines`, text.trimEnd().split('\n').length <= longestLesson],
    ] as const;
    return wants
      .filter(([, isThere]) => !isThere)
      .map(([what]) => `${id}/section.${language}.md needs ${what}`);
  });
}

const rememberMark = { ko: '기억할 한 문장', en: 'The one sentence to remember' } as const;

/** A screen of 40 rows, with the headline and the keys around the text. */
const longestLesson = 36;

/** Links are not followed: by shape they must be https, and lead where the documentation of the language stands. */
function verifyLinks(name: string, texts: Localized): readonly string[] {
  return (['ko', 'en'] as const).flatMap((language) =>
    [...texts[language].matchAll(/\bhttps?:\/\/[^\s)>`"]+/g)]
      .map(([link]) => link)
      .filter((link) => link.includes('kubernetes.io') && !documentation.test(link))
      .map((link) => `${name}.${language}.md: ${link} is no page of the documentation`),
  );
}

function countHeadings(markdown: string): number {
  return markdown.split('\n').filter((line) => /^#{1,6} /.test(line)).length;
}

function verifyStarter(exercise: Exercise): readonly string[] {
  return exercise.definition.files
    .filter(({ path }) => !existsSync(join(exercise.folder, 'starter', path)))
    .map(({ path }) => `starter/${path} is missing`);
}
