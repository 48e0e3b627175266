import { describe, expect, it } from 'vitest';
import { parseInline } from './markdown-inline.ts';
import { renderMarkdown } from './render-markdown.ts';

function plain(markdown: string, width = 40): readonly string[] {
  return renderMarkdown(markdown, width).map((row) => row.map(({ text }) => text).join(''));
}

describe('inside a line', () => {
  it.each([
    {
      text: 'a `kubectl get` b',
      want: [
        ['plain', 'a '],
        ['code', 'kubectl get'],
        ['plain', ' b'],
      ],
    },
    {
      text: '**서비스(Service)**는',
      want: [
        ['strong', '서비스(Service)'],
        ['plain', '는'],
      ],
    },
    {
      text: '**one `two`**',
      want: [
        ['strong', 'one '],
        ['code', 'two'],
      ],
    },
    {
      text: 'see *this*',
      want: [
        ['plain', 'see '],
        ['emphasis', 'this'],
      ],
    },
    { text: 'NODE_PORT_A 2 * 3 * 4', want: [['plain', 'NODE_PORT_A 2 * 3 * 4']] },
    { text: '`*not bold*`', want: [['code', '*not bold*']] },
    {
      text: String.raw`\*literal\*`,
      want: [
        ['plain', '*'],
        ['plain', 'literal'],
        ['plain', '*'],
      ],
    },
    {
      text: '[docs](https://k8s.io)',
      want: [
        ['plain', 'docs'],
        ['link', ' (https://k8s.io)'],
      ],
    },
    {
      text: 'https://k8s.io/a, b',
      want: [
        ['link', 'https://k8s.io/a,'],
        ['plain', ' b'],
      ],
    },
    { text: 'an `open one', want: [['plain', 'an `open one']] },
  ])('$text', ({ text, want }) => {
    expect(parseInline(text).map(({ tone, text: part }) => [tone, part])).toEqual(want);
  });
});

describe('blocks', () => {
  it.each([
    {
      name: 'a heading and a paragraph of two rows',
      markdown: '# Title\n\none\ntwo\n',
      want: ['Title', '', 'one two'],
    },
    {
      name: 'nested lists, numbers as written',
      markdown: '- one\n  - two\n    and more\n3. three\n',
      want: ['• one', '  • two and more', '3. three'],
    },
    { name: 'a list item that wraps', markdown: '- one two', width: 6, want: ['• one', '  two'] },
    {
      name: 'code as it stands',
      markdown: '```sh\nif a;  then\n\n  b\n```\nafter',
      want: ['if a;  then', '', '  b', 'after'],
    },
    { name: 'code whose fence is never closed', markdown: '```\na', want: ['a'] },
    {
      name: 'a drawing cut instead of wrapped',
      markdown: '```\n┌────┐\nabcdefgh\n```',
      width: 5,
      want: ['┌───…', 'abcd…'],
    },
    { name: 'a quote', markdown: '> so it\n> is', want: ['│ so it is'] },
    {
      name: 'a table',
      markdown: '| 이름 | port |\n|---|---|\n| `web` | 80 |',
      want: ['이름  port', '────  ────', 'web   80  '],
    },
    {
      name: 'a table that is too wide, as lines',
      markdown: '| name | why |\n|--|--|\n| web | because |',
      width: 10,
      want: ['• name:', '    web', '  why:', '    becaus', '    e'],
    },
    { name: 'escapes that a terminal would obey', markdown: 'a\u001b[2Jb', want: ['a␛[2Jb'] },
  ])('$name', ({ markdown, width, want }) => {
    expect(plain(markdown, width)).toEqual(want);
  });
});
