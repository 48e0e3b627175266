import { describe, expect, it } from 'vitest';
import { type Edit, edit, emptyInputLine, type InputLine, insert, submit } from './input-line.ts';

/** The line with its cursor as `|`. */
function shown({ before, after }: InputLine): string {
  return `${before}|${after}`;
}

function edited(from: InputLine, ...edits: readonly Edit[]): InputLine {
  return edits.reduce(edit, from);
}

const typed = insert(emptyInputLine, 'kubectl get 파드');

describe('the line being typed', () => {
  it.each<{ edits: readonly Edit[]; want: string }>([
    { edits: ['left'], want: 'kubectl get 파|드' },
    { edits: ['left', 'right', 'right'], want: 'kubectl get 파드|' },
    { edits: ['erase'], want: 'kubectl get 파|' },
    { edits: ['erase-word'], want: 'kubectl get |' },
    { edits: ['erase-word', 'erase-word'], want: 'kubectl |' },
    { edits: ['start'], want: '|kubectl get 파드' },
    { edits: ['start', 'erase', 'left'], want: '|kubectl get 파드' },
    { edits: ['left', 'erase-after'], want: 'kubectl get 파|' },
    { edits: ['left', 'erase-before', 'end'], want: '드|' },
    { edits: ['older'], want: 'kubectl get 파드|' },
  ])('$edits', ({ edits, want }) => {
    expect(shown(edited(typed, ...edits))).toBe(want);
  });

  it('goes through the history and comes back to what was being typed', () => {
    const two = submit(insert(submit(insert(emptyInputLine, 'one')), 'two'));
    const draft = insert(two, 'dra');
    expect(shown(edited(draft, 'older'))).toBe('two|');
    expect(shown(edited(draft, 'older', 'older', 'older'))).toBe('one|');
    expect(shown(edited(draft, 'older', 'older', 'newer', 'newer', 'newer'))).toBe('dra|');
  });

  it('remembers no empty line, and none twice in a row', () => {
    const lines = ['one', 'one', '  ', ''].reduce((line, text) => submit(insert(line, text)), emptyInputLine);
    expect(lines.history).toEqual(['one']);
  });
});
