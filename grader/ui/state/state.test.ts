import { describe, expect, it } from 'vitest';
import type { ExerciseResult } from '../../exercise/result.ts';
import { type Action, firstState, reduce, type UiState } from './state.ts';

const result: ExerciseResult = {
  id: 'a',
  status: 'failed',
  points: 0,
  maxPoints: 1,
  problems: [],
  checks: [],
  steps: 0,
  transcript: [],
};
const begun = firstState('en', []);

function reduceAll(state: UiState, ...actions: readonly Action[]): UiState {
  return actions.reduce(reduce, state);
}

describe('the state', () => {
  it('moves to the results of a change, but not to those of opening', () => {
    const graded = { type: 'graded', index: 0, result, entries: [] } as const;
    expect(reduceAll(begun, { ...graded, isNews: true }).top).toBe('results');
    expect(reduceAll(begun, { ...graded, isNews: false }).top).toBe(0);
    expect(reduceAll(begun, { type: 'viewed', view: 'trace' }, { ...graded, isNews: true })).toMatchObject({
      top: 0,
      page: { result },
    });
  });

  it('keeps the page when the outcome is of an exercise that was left', () => {
    const state = reduceAll(
      begun,
      { type: 'grading-began' },
      { type: 'graded', index: 3, result, entries: [], isNews: true },
    );
    expect(state).toMatchObject({ isGrading: true, page: { result: undefined } });
  });

  it('gathers what is wrong until the next key, each once', () => {
    const bad = (text: string): Action => ({ type: 'told', message: { tone: 'bad', text } });
    const told = reduceAll(begun, bad('a'), bad('b'), bad('a'));
    expect(told.message?.text).toBe('a\nb');
    expect(reduceAll(told, { type: 'told', message: { tone: 'plain', text: 'c' } }).message?.text).toBe(
      'a\nb\nc',
    );
    expect(reduceAll(told, { type: 'key-pressed' }).message).toBeUndefined();
  });

  it('gives each exercise a fresh shell, with the history of the lines typed', () => {
    const page = { ...begun.page, index: 1 };
    const state = reduceAll(
      begun,
      { type: 'shell-typed', text: 'ls' },
      { type: 'shell-submitted', isRun: true },
      { type: 'opened', page, entries: [] },
    );
    expect(state.shell).toMatchObject({ pieces: [], isRunning: false, input: { history: ['ls'] } });
  });

  it('keeps a bounded part of what the shell printed', () => {
    const line: Action = { type: 'shell-printed', result: { exitCode: 0, stdout: 'x', stderr: '' } };
    expect(reduceAll(begun, ...Array.from({ length: 1000 }, () => line)).shell.pieces).toHaveLength(400);
  });
});
