import { expect, it } from 'vitest';
import { exampleOf, matches } from './pattern.ts';

it.each([
  { pattern: '^web$', text: 'api\nweb\n', want: true },
  { pattern: '^web$', text: 'a web\n', want: false },
  { pattern: 'Pod\\s+\\d+', text: 'Pod  12', want: true },
  { pattern: '서비스', text: '내 서비스', want: true },
])('finds $pattern in a text of lines: $want', ({ pattern, text, want }) => {
  expect(matches(pattern, text)).toBe(want);
});

it('is not held up by text that makes other engines go back and forth', () => {
  const start = performance.now();
  expect(matches('^(a+)+$', `${'a'.repeat(20_000)}b`)).toBe(false);
  expect(performance.now() - start).toBeLessThan(2000);
});

it('throws for a pattern that is none, which is the exercise’s mistake', () => {
  expect(() => matches('(', 'x')).toThrow();
});

it.each([
  { name: 'its example', pattern: { pattern: 'Pods?: \\d+', like: 'Pods: 3' }, want: 'Pods: 3' },
  { name: 'plain text without its anchors', pattern: '^Hostname: web$', want: 'Hostname: web' },
  { name: 'dots that mean themselves', pattern: '^Host: 10\\.96\\.', want: 'Host: 10.96.' },
  { name: 'the expression where there is nothing better', pattern: 'Pods?', want: '/Pods?/' },
])('shows $name', ({ pattern, want }) => {
  expect(exampleOf(pattern)).toBe(want);
});
