import { expect, it } from 'vitest';
import { fillDefinition, fillText } from './terms.ts';

it.each([
  ['a term in a text', 'at port $(port)', 'at port 90'],
  ['a term twice', '$(port):$(port)', '90:90'],
  [
    "a shell's substitution stays",
    'echo $(kubectl get pods) $(hostname)',
    'echo $(kubectl get pods) $(hostname)',
  ],
  ["no property of JavaScript's own is a term", '$(constructor) $(toString)', '$(constructor) $(toString)'],
])('fills %s', (_, text, filled) => {
  expect(fillText(text, { port: 90, web: 'web' })).toBe(filled);
});

it('gives a scalar that is one reference the type of its term, keys and lists too', () => {
  expect(
    fillDefinition({
      terms: { port: 90, web: 'shop' },
      checks: [{ to: { port: '$(port)', url: 'http://$(web):$(port)/' }, labels: { '$(web)': '$(web)' } }],
    }),
  ).toEqual({
    terms: { port: 90, web: 'shop' },
    checks: [{ to: { port: 90, url: 'http://shop:90/' }, labels: { shop: 'shop' } }],
  });
});

it.each([[null], ['text'], [[1]], [{ terms: 3 }], [{ terms: { a: [1] }, x: '$(a)' }]])(
  'leaves what is not shaped like an exercise alone: %j',
  (value) => {
    expect(fillDefinition(value)).toEqual(value);
  },
);
