/** What is behind a failure: the packets' way, hop by hop, what was printed, what was expected. */
import type { CheckResult, Evidence } from '../../exercise/result.ts';
import { neutralise } from '../../reports/neutralise.ts';
import { statusSigns } from '../../reports/status-signs.ts';
import { tellCheck } from '../../reports/tell.ts';
import type { UiState } from '../state/state.ts';
import { type Line, line, type Tone } from '../text/styled-text.ts';
import { wrapText } from '../text/wrap.ts';
import { uiTexts } from '../texts/texts.ts';
import { foldTrace } from './fold-trace.ts';
import { statusTones } from './status-tones.ts';

/** The evidence of every check that failed, in order, then what the learner's commands printed. */
export function traceDocument(state: UiState, width: number): readonly Line[] {
  const texts = uiTexts[state.language];
  const { result } = state.page;
  const failed = (result?.checks ?? []).filter(({ status }) => status === 'failed' || status === 'errored');
  const transcript = (result?.transcript ?? []).flatMap(({ command, stdout, stderr }) => [
    ...indented(`$ ${command.trimEnd()}`, width, 'strong'),
    ...indented(stdout, width, 'plain'),
    ...indented(stderr, width, 'bad'),
  ]);
  if (failed.length === 0 && transcript.length === 0) return wrapText(texts.noTrace, width, 'dim');
  const rows = failed.flatMap((check) => checkRows(check, state, width));
  return transcript.length === 0 ? rows : [...rows, line(texts.output, 'heading'), ...transcript];
}

function checkRows(check: CheckResult, state: UiState, width: number): readonly Line[] {
  const told = tellCheck(check, state.language);
  return [
    ...wrapText(neutralise(check.says[state.language]), width, 'heading', {
      first: line(`${statusSigns[check.status]} `, statusTones[check.status]),
      rest: line('  '),
    }),
    ...indented(told?.sentence ?? '', width, 'plain'),
    ...(check.evidence ?? []).flatMap((evidence) => [[], ...evidenceRows(evidence, state, width)]),
    [],
  ];
}

function evidenceRows(evidence: Evidence, { language }: UiState, width: number): readonly Line[] {
  switch (evidence.kind) {
    case 'trace':
      return foldTrace(evidence.lines.map(neutralise), width);
    case 'output':
      return [
        ...indented(`$ ${evidence.command}`, width, 'strong'),
        ...indented(evidence.text, width, 'plain'),
      ];
    case 'diff': {
      const { wanted, found } = uiTexts[language];
      return [
        ...indented(`${wanted}: ${evidence.wanted}`, width, 'good'),
        ...indented(`${found}: ${evidence.found}`, width, 'bad'),
      ];
    }
  }
}

/** Each printed line begins at the same margin, so that columns stay columns; only what it is wrapped into stands deeper. */
function indented(text: string, width: number, tone: Tone): readonly Line[] {
  if (text.trim() === '') return [];
  const margins = { first: line('  '), rest: line('    ') };
  return neutralise(text)
    .trimEnd()
    .split('\n')
    .flatMap((row) => wrapText(row, width, tone, margins));
}
