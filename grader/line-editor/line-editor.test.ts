import { describe, expect, it } from 'vitest';
import { readNodeKey } from '../cli/node-key.ts';
import { completeInput, listChoices } from './complete-input.ts';
import { edit, emptyInputLine, type InputLine, insert, promptFor, submit } from './input-line.ts';
import { bytesOfKey, type KeyPress } from './key-press.ts';
import { lineCommand } from './line-command.ts';

const history = ['kubectl get pods', 'kubectl get services', 'curl web', 'kubectl get pods -o wide'];
const empty: InputLine = history.reduce((input, text) => submit(insert(input, text)), emptyInputLine);

function press(from: InputLine, ...keys: readonly KeyPress[]): InputLine {
  return keys.reduce((input, key) => {
    const command = lineCommand(input, key);
    if (command?.do === 'type') return insert(input, command.text);
    return command?.do === 'change' ? edit(input, command.edit) : input;
  }, from);
}

const ctrl = (letter: string): KeyPress => ({ kind: 'ctrl', letter });
const type = (text: string): KeyPress => ({ kind: 'text', text });

// Source: readline(3), reverse-search-history.
describe('Ctrl-R', () => {
  it.each([
    { name: 'finds the newest line', keys: ['get'], shown: 'kubectl |get pods -o wide' },
    { name: 'finds older ones', keys: ['get', '^r', '^r'], shown: 'kubectl |get pods' },
    { name: 'narrows', keys: ['get', ' s'], shown: 'kubectl |get services' },
    { name: 'takes a letter back', keys: ['pods -', '^h', '^h'], shown: 'kubectl get |pods -o wide' },
    { name: 'is given up', keys: ['curl', '^g'], shown: 'draft|' },
    { name: 'ends with any other key', keys: ['curl', '^e'], shown: 'curl web|' },
  ])('$name', ({ keys, shown }) => {
    const pressed = keys.map((key) => (key.startsWith('^') ? ctrl(key.slice(1)) : type(key)));
    const { before, after } = press(insert(empty, 'draft'), ctrl('r'), ...pressed);
    expect(`${before}|${after}`).toBe(shown);
  });

  it('says what it looks for, and when there is none', () => {
    const found = press(empty, ctrl('r'), type('curl'));
    expect(promptFor(found, '$ ')).toBe("(reverse-i-search)`curl': ");
    expect(promptFor(press(found, type('x')), '$ ')).toBe("(failed reverse-i-search)`curlx': ");
    expect(promptFor(press(found, ctrl('g')), '$ ')).toBe('$ ');
  });
});

describe('words', () => {
  it.each([
    { keys: [{ kind: 'word-left' }], shown: 'get pods/|web' },
    { keys: [{ kind: 'word-left' }, { kind: 'word-left' }], shown: 'get |pods/web' },
    { keys: [ctrl('a'), { kind: 'word-right' }], shown: 'get| pods/web' },
    { keys: [ctrl('a'), { kind: 'delete' }], shown: '|et pods/web' },
    { keys: [ctrl('b'), ctrl('d')], shown: 'get pods/we|' },
  ] as const)('$keys', ({ keys, shown }) => {
    const { before, after } = press(insert(emptyInputLine, 'get pods/web'), ...keys);
    expect(`${before}|${after}`).toBe(shown);
  });
});

const choice = (text: string, isWhole = true) => ({ text, label: text, isWhole });

describe('Tab', () => {
  it.each([
    { name: 'puts in the only choice', typed: 'kubectl ge', choices: [choice('get')], want: 'kubectl get |' },
    { name: 'leaves a folder open', typed: 'cat a', choices: [choice('a/', false)], want: 'cat a/|' },
    {
      name: 'puts in what all begin with',
      typed: 'x p',
      choices: [choice('pods'), choice('podx')],
      want: 'x pod|',
    },
    { name: 'changes nothing without a choice', typed: 'x y', choices: [], want: 'x y|' },
  ])('$name', ({ typed, choices, want }) => {
    const start = typed.lastIndexOf(' ') + 1;
    const { input } = completeInput(insert(emptyInputLine, typed), { start, choices });
    expect(`${input.before}|${input.after}`).toBe(want);
  });

  it('lists the choices when nothing can be added', () => {
    const choices = [choice('one'), choice('two'), choice('three'), choice('four'), choice('five')];
    expect(completeInput(emptyInputLine, { start: 0, choices }).choices).toEqual(choices);
    expect(listChoices(choices, 16)).toEqual(['one    four', 'two    five', 'three']);
    const described = [{ ...choice('get'), description: 'Display one or many resources' }, choice('x')];
    expect(listChoices(described, 20)).toEqual(['get  (Display one …', 'x']);
  });
});

it.each([
  { sent: ['\r', { name: 'return' }], key: { kind: 'enter' }, bytes: '\r' },
  { sent: ['\u0003', { name: 'c', ctrl: true }], key: ctrl('c'), bytes: '\u0003' },
  { sent: ['한', {}], key: type('한'), bytes: '한' },
  { sent: ['\u007f', { name: 'backspace' }], key: { kind: 'backspace' }, bytes: '\u007f' },
  { sent: [undefined, { name: 'b', meta: true }], key: { kind: 'word-left' }, bytes: '' },
  { sent: [undefined, { name: 'right', ctrl: true }], key: { kind: 'word-right' }, bytes: '' },
] as const)('reads the key $key and sends it on', ({ sent: [text, name], key, bytes }) => {
  expect(readNodeKey(text, name)).toEqual(key);
  expect(bytesOfKey(key)).toBe(bytes);
});

it('passes over the marks around a paste', () => {
  expect(readNodeKey(undefined, { name: 'paste-start' })).toBeUndefined();
});
