/** What surrounds the view: the header, where the open exercise stands, what is to be told, the keys. */
import stringWidth from 'string-width';
import { neutralise } from '../../reports/neutralise.ts';
import { statusSigns } from '../../reports/status-signs.ts';
import { openEntry, type UiState } from '../state/state.ts';
import { type Line, line, spread, widthOf } from '../text/styled-text.ts';
import { wrapText } from '../text/wrap.ts';
import { uiTexts } from '../texts/texts.ts';
import type { KeyName } from '../texts/ui-texts.ts';
import { tally } from './list-document.ts';
import { statusTones } from './status-tones.ts';

/** What is on screen, and how much is done. */
export function headerRow(state: UiState, width: number): Line {
  const texts = uiTexts[state.language];
  const { passed, count, points, maxPoints } = tally(state.entries);
  return spread(
    [...line('kubedrill', 'title'), ...line(`  ${neutralise(titleOf(state))}`)],
    line(`${texts.passed(passed, count)} · ${texts.points(points, maxPoints)}`, 'dim'),
    width,
  );
}

function titleOf(state: UiState): string {
  const texts = uiTexts[state.language];
  const entry = openEntry(state);
  const exercise = entry?.exercise.definition.title[state.language] ?? '';
  switch (state.view) {
    case 'list':
      return texts.listTitle;
    case 'shell':
      return `${texts.shellTitle} · ${exercise}`;
    case 'trace':
      return `${texts.traceTitle} · ${exercise}`;
    case 'help':
      return texts.helpTitle;
    case 'lesson':
      return `${texts.lessonTitle} · ${entry?.section.title[state.language] ?? ''}`;
    case 'task':
      return state.page.chapter;
  }
}

/** Where the open exercise stands. While it is graded only these words change, so that nothing flickers. */
export function standingRow(state: UiState, width: number): Line {
  const entry = openEntry(state);
  if (entry === undefined) return [];
  const texts = uiTexts[state.language];
  const { kind, minutes } = entry.exercise.definition;
  const { status, points, maxPoints } = entry;
  const standing = state.isGrading
    ? line(texts.grading, 'warn')
    : line(`${statusSigns[status]} ${texts.statuses[status]}`, statusTones[status]);
  const left = [...standing, ...line(` · ${texts.points(points, maxPoints)}`, 'dim')];
  // Where there is no room for all, the id is what commands need.
  const about = [texts.kinds[kind], texts.minutes(minutes), entry.exercise.id];
  const fitting = about
    .map((_, number) => line(about.slice(number).join(' · '), 'dim'))
    .find((right) => widthOf(left) + 2 + widthOf(right) <= width);
  return spread(left, fitting ?? [], width);
}

/** A message wraps, since paths in it must stay whole; this much of one is shown. */
const mostMessageRows = 4;

/** What is told or asked above the keys; otherwise a rule that says how much there is below. */
export function messageRows(state: UiState, below: number, width: number): readonly Line[] {
  const texts = uiTexts[state.language];
  if (state.isAsking) return wrapText(texts.askReset, width, 'warn');
  if (state.message !== undefined) {
    const tone = state.message.tone === 'bad' ? 'bad' : 'strong';
    return wrapText(neutralise(state.message.text), width, tone).slice(0, mostMessageRows);
  }
  if (below === 0) return [line('─'.repeat(width), 'dim')];
  const more = ` ${texts.more(below)} `;
  return [
    [
      ...line('─'.repeat(Math.max(0, width - stringWidth(more) - 2)), 'dim'),
      ...line(more, 'strong'),
      ...line('──', 'dim'),
    ],
  ];
}

/** The most useful first: where there is no room the others stay in the help. */
const footerKeys: readonly (readonly [KeyName, string])[] = [
  ['help', '?'],
  ['quit', 'q'],
  ['next', 'n'],
  ['previous', 'p'],
  ['edit', 'e'],
  ['hint', 'h'],
  ['list', 'l'],
  ['shell', 's'],
  ['trace', 't'],
  ['lesson', 'v'],
  ['reset', 'r'],
];
/** The order in which those shown stand. */
const footerOrder = 'npelhtsvr?q';

/** The keys that can be pressed now. */
export function footerRow(state: UiState, width: number): Line {
  const texts = uiTexts[state.language];
  if (state.view === 'shell') return line(texts.shellLeave, 'dim');
  if (state.view === 'list')
    return keyRow([
      ['↑↓', ''],
      ['Enter', ''],
      ['Esc', texts.back],
      ['q', texts.keys.quit],
    ]);
  if (state.view !== 'task')
    return keyRow([
      ['↑↓', texts.keys.scroll],
      ['Esc', texts.back],
      ['q', texts.keys.quit],
    ]);
  const shown: [string, string][] = [];
  let used = 0;
  for (const [name, key] of footerKeys) {
    const label: [string, string] = [key, texts.keys[name]];
    used += stringWidth(`${key} ${texts.keys[name]}  `);
    if (used > width + 2) break;
    shown.push(label);
  }
  return keyRow(shown.toSorted(([a], [b]) => footerOrder.indexOf(a) - footerOrder.indexOf(b)));
}

function keyRow(keys: readonly (readonly [string, string])[]): Line {
  return keys.flatMap(([key, label], number) => [
    ...line(number === 0 ? '' : '  '),
    ...line(key, 'code'),
    ...line(label === '' ? '' : ` ${label}`, 'dim'),
  ]);
}
