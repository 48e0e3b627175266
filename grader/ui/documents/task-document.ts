/** What stands on the right: the task, the files to write, the hints taken, and what grading said. */
import type { CheckResult, ExerciseResult } from '../../exercise/result.ts';
import { neutralise } from '../../reports/neutralise.ts';
import { statusSigns } from '../../reports/status-signs.ts';
import { type Told, tellFirstReason } from '../../reports/tell.ts';
import type { PageFile, UiState } from '../state/state.ts';
import { parseInline } from '../text/markdown-inline.ts';
import { renderMarkdown } from '../text/render-markdown.ts';
import { type Line, line } from '../text/styled-text.ts';
import { wrap, wrapText } from '../text/wrap.ts';
import { uiTexts } from '../texts/texts.ts';
import type { UiTexts } from '../texts/ui-texts.ts';
import { statusTones } from './status-tones.ts';

/** Rows to scroll through, and where the results begin among them. */
export interface Document {
  readonly rows: readonly Line[];
  readonly resultsAt: number;
}

/** The document of the open exercise at a width. */
export function taskDocument(state: UiState, width: number): Document {
  const texts = uiTexts[state.language];
  const { task, files, hints, result } = state.page;
  const before = [
    ...renderMarkdown(task, width),
    [],
    line(texts.files, 'strong'),
    ...files.flatMap((file) => fileRows(file, texts, width)),
    ...hints.flatMap(({ number, of, text }) => [
      [],
      ...hintRows(`${texts.hint} ${number}/${of}`, text, width),
    ]),
  ];
  const results = result === undefined ? [] : resultRows(result, state, width);
  return { rows: [...before, ...results], resultsAt: before.length };
}

function fileRows(file: PageFile, texts: UiTexts, width: number): readonly Line[] {
  const margin = line('  ');
  const path = wrapText(neutralise(file.shownAs), width, 'code', { first: margin, rest: margin });
  if (file.problem !== undefined || file.text !== undefined) return path;
  return [
    ...path,
    ...wrapText(`${file.path} ${texts.fileGone}`, width, 'bad', { first: margin, rest: margin }),
  ];
}

function hintRows(label: string, text: string, width: number): readonly Line[] {
  const bar = line('│ ', 'warn');
  return [
    [...bar, ...line(label, 'warn')],
    ...renderMarkdown(text, width - 2).map((row) => [...bar, ...row]),
  ];
}

function resultRows(result: ExerciseResult, state: UiState, width: number): readonly Line[] {
  if (result.status === 'todo') return [];
  const texts = uiTexts[state.language];
  const reason = result.status === 'passed' ? undefined : tellFirstReason(result, state.language);
  const isAboutFiles = result.problems.length > 0;
  const failedAt = isAboutFiles ? -1 : result.checks.findIndex(isBroken);
  const rows: Line[] = [
    [],
    [...line(`${texts.checks}  `, 'heading'), ...line(texts.points(result.points, result.maxPoints), 'dim')],
  ];
  if (isAboutFiles && reason !== undefined) rows.push(...reasonRows(reason, width, line('✗ ', 'bad')));
  for (const [number, check] of result.checks.entries()) {
    rows.push(...checkRows(check, state, width));
    if (number === failedAt && reason !== undefined) rows.push(...reasonRows(reason, width));
  }
  if (result.status === 'passed') {
    rows.push([], ...renderMarkdown(state.page.debrief, width));
    const isLast = state.page.index === state.entries.length - 1;
    const isAll = state.entries.every(({ status }) => status === 'passed');
    if (!isLast || isAll)
      rows.push([], ...wrapText(isAll ? texts.allDone : texts.nextExercise, width, 'good'));
  }
  return rows;
}

function isBroken({ status }: CheckResult): boolean {
  return status === 'failed' || status === 'errored';
}

function checkRows(check: CheckResult, { language }: UiState, width: number): readonly Line[] {
  const says = neutralise(check.says[language]);
  return wrap(parseInline(says, check.status === 'skipped' ? 'dim' : 'plain'), width, {
    first: line(`${statusSigns[check.status]} `, statusTones[check.status]),
    rest: line('  '),
  });
}

/** The sentence below what failed, and what to do next. */
function reasonRows({ sentence, nextStep }: Told, width: number, sign = line('  ')): readonly Line[] {
  const margin = line('  ');
  const told = sentence
    .split('\n')
    .flatMap((row, number) =>
      wrap(parseReason(row), width, { first: number === 0 ? sign : margin, rest: margin }),
    );
  if (nextStep === '') return told;
  const arrow = line('  → ', 'good');
  return [...told, ...wrap(parseReason(nextStep), width, { first: arrow, rest: line('    ') })];
}

/** Reasons quote what people wrote: only backticks are marks in them. */
function parseReason(text: string): Line {
  return text
    .split(/(`[^`]+`)/)
    .flatMap((part) => (/^`[^`]+`$/.test(part) ? line(part.slice(1, -1), 'code') : line(part)));
}
