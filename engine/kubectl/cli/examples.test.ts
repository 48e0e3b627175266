import { expect, it } from 'vitest';
import { rootCommand } from '../commands/root.ts';
import { splitWords } from '../testing/replay-host.ts';
import type { Command } from './command.ts';
import { findCommand } from './dispatch.ts';
import { exampledPaths, examplesOf } from './examples.ts';

function pathsBelow(command: Command, path: readonly string[] = []): readonly string[] {
  return (command.subcommands ?? []).flatMap((one) => {
    const own = [...path, one.name];
    return [own.join(' '), ...pathsBelow(one, own)];
  });
}

const paths = pathsBelow(rootCommand);

it('belong to commands that there are', () => {
  expect([...exampledPaths()].filter((path) => !paths.includes(path))).toEqual([]);
});

const lines = [...exampledPaths()].flatMap((path) =>
  examplesOf(path).map(({ does, line }) => ({ path, does, line })),
);

it.each(lines)('is a line that kubectl understands: $line', ({ path, does, line }) => {
  expect(does).toMatch(/^[A-Z][^.]*$/);
  const calls = [...line.matchAll(/kubectl ([^|)]+)/g)].map(([, words = '']) => splitWords(words.trim()));
  const found = calls.map((words) => findCommand(rootCommand, words));
  expect(found.map((one) => (one.ok ? '' : one.error))).toEqual(calls.map(() => ''));
  // A group shows lines of its members.
  const own = found.map((one) => (one.ok ? one.value.path : ''));
  expect(own.some((full) => `${full} `.startsWith(`kubectl ${path} `))).toBe(true);
});
