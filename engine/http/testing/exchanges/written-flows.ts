/**
 * Flows as they are written down in `fixtures/exchanges/flows`: `## NAME` begins one, and each line is a request,
 * `METHOD PATH [HEADER: VALUE] BODY`. A body is written in YAML's short form and sent as JSON; after `TEXT` stands one that is
 * sent as it is, with `\n` for the end of a line.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Exchange, Flow } from './exchange.ts';

const folder = new URL('../fixtures/exchanges/flows/', import.meta.url);
const patchTypes: Readonly<Record<string, string>> = {
  PATCH: 'application/merge-patch+json',
  STRATEGIC: 'application/strategic-merge-patch+json',
  JSONPATCH: 'application/json-patch+json',
  APPLY: 'application/apply-patch+yaml',
};

/** All of them, by file and in order. */
export function writtenFlows(): readonly Flow[] {
  return readdirSync(folder)
    .sort()
    .flatMap((file) => parseFlows(file.replace(/\.txt$/, ''), readFileSync(new URL(file, folder), 'utf8')));
}

function parseFlows(file: string, text: string): readonly Flow[] {
  return text
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [title = '', ...lines] = section.split('\n');
      return {
        name: `${file} ${title}`,
        exchanges: lines.filter((line) => line !== '' && !line.startsWith('#')).map(parseLine),
      };
    });
}

function parseLine(line: string, index: number): Exchange {
  const found = /^(\S+) (\S+)((?: \[[^\]]*\])*)(?: (.*))?$/.exec(line);
  if (found === null) throw new Error(`no request: ${line}`);
  const [, verb = '', path = '', headers = '', body] = found;
  const type = patchTypes[verb];
  return {
    label: `${index + 1} ${line.length > 160 ? `${line.slice(0, 160)}…` : line}`,
    method: type === undefined ? verb : 'PATCH',
    path,
    headers: {
      ...(type === undefined ? {} : { 'content-type': type }),
      ...Object.fromEntries(
        [...headers.matchAll(/\[([^:\]]+): ([^\]]*)\]/g)].map(([, key = '', value = '']) => [key, value]),
      ),
    },
    ...(body === undefined ? {} : { body: bodyOf(body) }),
  };
}

function bodyOf(text: string): string {
  if (text.startsWith('TEXT ')) return text.slice('TEXT '.length).replaceAll('\\n', '\n');
  if (text.startsWith('REPEAT ')) {
    const [, part = '', times = '0'] = text.split(' ');
    return part.repeat(Number(times));
  }
  return JSON.stringify(parse(text));
}
