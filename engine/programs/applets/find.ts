/** find, chmod as busybox has them, as far as people look for files with it. Source: findutils/find.c of busybox 1.36. */
import * as sys from '../../net/process/sys.ts';
import type { FileStat, Program } from '../../net/process/syscalls.ts';
import { errnoText } from '../errno-text.ts';
import { compilePosix } from '../posix-regex.ts';
import { createApplet } from './applet.ts';

/** One condition on what is found; all of them have to hold. */
type Condition = (path: string, stat: FileStat) => boolean;

interface Search {
  readonly roots: readonly string[];
  readonly conditions: readonly Condition[];
  readonly minDepth: number;
  readonly maxDepth: number;
}

/** Deeper than any file system here, and more than a person reads. */
const deepest = 64;
const mostEntries = 20_000;

export const find: Program = function* ({ argv }) {
  const search = readSearch(argv.slice(1));
  if (typeof search === 'string') {
    yield* sys.printError(`find: ${search}\n`);
    return 1;
  }
  let status = 0;
  let left = mostEntries;
  for (const root of search.roots) {
    const waiting: { readonly path: string; readonly depth: number }[] = [{ path: root, depth: 0 }];
    for (let next = waiting.pop(); next !== undefined && left > 0; next = waiting.pop()) {
      const { path, depth } = next;
      left -= 1;
      const stat = yield* sys.stat(path);
      if (stat === undefined) {
        yield* sys.printError(`find: ${path}: No such file or directory\n`);
        status = 1;
        continue;
      }
      if (depth >= search.minDepth && search.conditions.every((holds) => holds(path, stat)))
        yield* sys.print(`${path}\n`);
      if (stat.type === 'file' || depth >= search.maxDepth) continue;
      const names = yield* sys.readDirectory(path);
      if (!names.ok) {
        yield* sys.printError(`find: ${path}: ${errnoText(names.error)}\n`);
        status = 1;
        continue;
      }
      const folder = path.endsWith('/') ? path : `${path}/`;
      for (const name of [...names.value].reverse()) waiting.push({ path: folder + name, depth: depth + 1 });
    }
  }
  return status;
};

/** A search, or what is wrong with its words. */
function readSearch(words: readonly string[]): Search | string {
  const firstOption = words.findIndex((word) => /^[-!(]/.test(word));
  const roots = firstOption < 0 ? words : words.slice(0, firstOption);
  const options = firstOption < 0 ? [] : words.slice(firstOption);
  const conditions: Condition[] = [];
  let minDepth = 0;
  let maxDepth = deepest;
  let isNegated = false;
  for (let at = 0; at < options.length; at += 1) {
    const option = options[at] ?? '';
    if (option === '!' || option === '-not') {
      isNegated = !isNegated;
      continue;
    }
    if (option === '-print' || option === '-a' || option === '-follow' || option === '-xdev') continue;
    const value = options[at + 1];
    const isKnown = ['-name', '-iname', '-path', '-type', '-maxdepth', '-mindepth'].includes(option);
    if (!isKnown) return `unrecognized: ${option}`;
    if (value === undefined) return `option requires an argument -- '${option.slice(1)}'`;
    at += 1;
    if (option === '-maxdepth') maxDepth = Math.min(deepest, Number(value));
    else if (option === '-mindepth') minDepth = Number(value);
    else {
      const holds = conditionOf(option, value);
      const negates = isNegated;
      conditions.push((path, stat) => holds(path, stat) !== negates);
      isNegated = false;
    }
  }
  return { roots: roots.length === 0 ? ['.'] : roots, conditions, minDepth, maxDepth };
}

function conditionOf(option: string, value: string): Condition {
  if (option === '-type')
    return (_, { type }) => (value === 'f' ? type === 'file' : value === 'd' && type !== 'file');
  const matches = globMatcher(value, option === '-iname');
  if (option === '-path') return matches;
  return (path) =>
    matches(
      path
        .replace(/(.)\/+$/, '$1')
        .split('/')
        .at(-1) || path,
    );
}

/** `*`, `?` and sets as fnmatch(3) has them, matched in linear time. */
function globMatcher(glob: string, ignoreCase: boolean): (text: string) => boolean {
  const source = glob.replaceAll(/\[!?[^\]]*\]|[\\^$.|?*+(){}[\]]/g, (part) => {
    if (part === '*') return '(?s:.*)';
    if (part === '?') return '(?s:.)';
    return part.length > 1 ? part.replace(/^\[!/, '[^').replaceAll('\\', '\\\\') : `\\${part}`;
  });
  const compiled = compilePosix([`^(?:${source})$`], { syntax: 'perl', ignoreCase });
  return (text) => compiled.ok && compiled.value.matcher(text).find();
}

/** chmod finds its files and changes nothing: whoever runs here may do everything. */
export const chmod: Program = createApplet({
  name: 'chmod',
  usage: '[-Rcvf] MODE[,MODE]... FILE...',
  flags: 'Rcvf',
  *run(args) {
    const [mode, ...files] = args.operands;
    if (mode === undefined || files.length === 0) {
      yield* sys.printError('BusyBox v1.36.1 (2024-05-28 13:22:30 UTC) multi-call binary.\n');
      return 1;
    }
    if (!/^(?:[0-7]{1,4}|[ugoa]*[-+=][rwxXst]*(?:,[ugoa]*[-+=][rwxXst]*)*)$/.test(mode)) {
      yield* sys.printError(`chmod: invalid mode '${mode}'\n`);
      return 1;
    }
    let status = 0;
    for (const file of files) {
      if ((yield* sys.stat(file)) !== undefined) continue;
      yield* sys.printError(`chmod: ${file}: No such file or directory\n`);
      status = 1;
    }
    return status;
  },
});
