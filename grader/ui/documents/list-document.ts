/** The exercises by section, with where each stands: the narrow one beside the task, and the wide one to choose from. */
import { neutralise } from '../../reports/neutralise.ts';
import { statusSigns } from '../../reports/status-signs.ts';
import type { ExerciseEntry } from '../../session.ts';
import type { UiState } from '../state/state.ts';
import { cut, type Line, line, spread } from '../text/styled-text.ts';
import { uiTexts } from '../texts/texts.ts';
import { statusTones } from './status-tones.ts';

/** Rows, and the one that is marked among them. */
export interface ExerciseList {
  readonly rows: readonly Line[];
  readonly markedAt: number;
}

/** The list at a width with one exercise marked; `isWide` adds what there is room for. */
export function listDocument(state: UiState, marked: number, width: number, isWide = false): ExerciseList {
  const rows: Line[] = [];
  let markedAt = 0;
  for (const [number, entry] of state.entries.entries()) {
    if (entry.section !== state.entries[number - 1]?.section) {
      if (number > 0) rows.push([]);
      rows.push(sectionRow(state, entry, width));
    }
    if (number === marked) markedAt = rows.length;
    rows.push(exerciseRow(state, entry, { width, isMarked: number === marked, isWide }));
  }
  return { rows, markedAt };
}

/** The sums over exercises, for a section or for all. */
export function tally(entries: readonly ExerciseEntry[]) {
  const sum = (key: 'points' | 'maxPoints') => entries.reduce((total, entry) => total + entry[key], 0);
  return {
    passed: entries.filter(({ status }) => status === 'passed').length,
    count: entries.length,
    points: sum('points'),
    maxPoints: sum('maxPoints'),
  };
}

function sectionRow({ entries, language }: UiState, { section }: ExerciseEntry, width: number): Line {
  const { points, maxPoints, passed, count } = tally(entries.filter((entry) => entry.section === section));
  const tone = passed === count ? 'good' : 'dim';
  return spread(
    line(neutralise(section.title[language]), 'heading'),
    line(`${points}/${maxPoints}`, tone),
    width,
  );
}

function exerciseRow(
  { language }: UiState,
  { exercise, status, points, maxPoints }: ExerciseEntry,
  { width, isMarked, isWide }: { width: number; isMarked: boolean; isWide: boolean },
): Line {
  const texts = uiTexts[language];
  const { title, kind, minutes } = exercise.definition;
  const left: Line = [
    ...line(isMarked ? '❯ ' : '  ', 'title'),
    ...line(`${statusSigns[status]} `, statusTones[status]),
    ...line(neutralise(title[language]), isMarked ? 'selected' : 'plain'),
  ];
  if (!isWide) return cut(left, width);
  const about = `${exercise.id}  ${texts.kinds[kind]} · ${texts.minutes(minutes)} · ${texts.points(points, maxPoints)}`;
  const isRoomy = width >= 76;
  return spread(left, line(isRoomy ? about : texts.points(points, maxPoints), 'dim'), width);
}
