import { describe, expect, it } from 'vitest';
import { insert } from '../../line-editor/input-line.ts';
import type { KeyPress } from '../../line-editor/key-press.ts';
import { type Command, commandFor } from './command.ts';
import { firstState, type UiState } from './state.ts';

const task = firstState('en', []);
const text = (typed: string): KeyPress => ({ kind: 'text', text: typed });
const ctrl = (letter: string): KeyPress => ({ kind: 'ctrl', letter });
const shell: UiState = { ...task, view: 'shell' };
const typing: UiState = { ...shell, shell: { ...shell.shell, input: insert(shell.shell.input, 'ls') } };

describe('keys mean', () => {
  it.each<{ name: string; state: UiState; key: KeyPress; want: Command | undefined }>([
    { name: 'n', state: task, key: text('n'), want: { do: 'next' } },
    { name: 'the key of n while Korean is on', state: task, key: text('ㅜ'), want: { do: 'next' } },
    { name: 'v', state: task, key: text('v'), want: { do: 'view', view: 'lesson' } },
    {
      name: 'v in the lesson',
      state: { ...task, view: 'lesson' },
      key: text('v'),
      want: { do: 'view', view: 'task' },
    },
    {
      name: 'l in the list',
      state: { ...task, view: 'list' },
      key: text('l'),
      want: { do: 'view', view: 'task' },
    },
    {
      name: 'Enter in the list',
      state: { ...task, view: 'list' },
      key: { kind: 'enter' },
      want: { do: 'choose' },
    },
    {
      name: 'an arrow in the list',
      state: { ...task, view: 'list' },
      key: { kind: 'up' },
      want: { do: 'move', by: 'line', towards: -1 },
    },
    {
      name: 'an arrow elsewhere',
      state: task,
      key: { kind: 'down' },
      want: { do: 'scroll', by: 'line', towards: 1 },
    },
    { name: 'y without a question', state: task, key: text('y'), want: undefined },
    { name: 'y to the question', state: { ...task, isAsking: true }, key: text('y'), want: { do: 'reset' } },
    { name: 'n to the question', state: { ...task, isAsking: true }, key: text('n'), want: undefined },
    { name: 'Ctrl-C', state: task, key: ctrl('c'), want: { do: 'quit' } },
    { name: 'q in the shell', state: shell, key: text('q'), want: { do: 'type', text: 'q' } },
    { name: 'Ctrl-C in the shell', state: shell, key: ctrl('c'), want: { do: 'interrupt' } },
    { name: 'Ctrl-D on an empty line', state: shell, key: ctrl('d'), want: { do: 'end-shell' } },
    { name: 'Ctrl-D on a line', state: typing, key: ctrl('d'), want: { do: 'change', edit: 'erase-next' } },
    { name: 'Ctrl-W', state: typing, key: ctrl('w'), want: { do: 'change', edit: 'erase-word' } },
    {
      name: 'PageUp in the shell',
      state: shell,
      key: { kind: 'page-up' },
      want: { do: 'scroll', by: 'page', towards: -1 },
    },
  ])('$name', ({ state, key, want }) => {
    expect(commandFor(state, key)).toEqual(want);
  });
});
