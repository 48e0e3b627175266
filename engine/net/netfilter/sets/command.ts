/**
 * One command of ipset, in the words of ipset 7.17. Differs: members are printed in the order in which they were added, not
 * in that of the kernel's hash; sizes are what an empty set has.
 */
import {
  type IpSet,
  type IpSets,
  isInSet,
  mostMembers,
  parseMember,
  questionOf,
  setTypeOf,
} from './ip-set.ts';

/** What a command came to. */
export interface IpsetResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** What a command works on. `rulesAbout` tells how many rules ask for a set. */
export interface IpsetContext {
  readonly sets: IpSets;
  readonly rulesAbout: (name: string) => number;
}

const tool = 'ipset v7.17: ';
/** Source: ipset(8), list:set size. */
const listSize = 8;
const mostSets = 65_536;

const noSet = 'The set with the given name does not exist';
const inUse = 'Set cannot be destroyed: it is in use by a kernel component';

/** Commands that only look. */
export const lookingCommands: ReadonlySet<string> = new Set(['list', 'save', 'test', '-L', '-S', '-T']);

/** Carries a command out. */
export function runIpset(context: IpsetContext, args: readonly string[]): IpsetResult {
  const exists = args.some((word) => word === '-exist' || word === '-!');
  const isTerse = args.some((word) => word === '-n' || word === '-name');
  const isSaved = args.includes('-o') && args[args.indexOf('-o') + 1] === 'save';
  const words = args.filter(
    (word, index) => !['-exist', '-!', '-n', '-name', '-q', '-o'].includes(word) && args[index - 1] !== '-o',
  );
  const [command, name, ...rest] = words;
  switch (command) {
    case undefined:
      return misuse('No command specified.');
    case 'create':
    case '-N':
      return name === undefined || rest[0] === undefined
        ? misuse('Missing mandatory argument to command create')
        : create(context, name, rest, exists);
    case 'add':
    case '-A':
    case 'del':
    case '-D':
    case 'test':
    case '-T': {
      const verb = command === '-A' ? 'add' : command === '-D' ? 'del' : command === '-T' ? 'test' : command;
      if (name === undefined) return misuse(`Missing mandatory argument to command ${verb}`);
      if (rest[0] === undefined) return misuse(`Missing second mandatory argument to command ${verb}`);
      return changeMember(context, verb, { name, text: rest[0], options: rest.slice(1), exists });
    }
    case 'flush':
    case '-F':
      return forSets(context, name, (set) => set.members.clear());
    case 'destroy':
    case '-X':
      return destroy(context, name);
    case 'rename':
    case '-E':
    case 'swap':
    case '-W':
      return exchange(context, command === 'rename' || command === '-E', name, rest[0]);
    case 'list':
    case '-L':
    case 'save':
    case '-S': {
      if (name !== undefined && !context.sets.has(name)) return failure(noSet);
      const isSave = isSaved || command === 'save' || command === '-S';
      // Lists come after what they may hold.
      const all = [...context.sets].sort(([, a], [, b]) => Number(isList(a)) - Number(isList(b)));
      const shown = all.filter(([each]) => name === undefined || each === name);
      const texts = shown.map(([each, set]) =>
        isSave ? saveText(each, set) : isTerse ? `${each}\n` : listText(context, each, set),
      );
      return done(texts.join(isSave || isTerse ? '' : '\n'));
    }
    default:
      return misuse(`No command specified: unknown argument ${command}`);
  }
}

/** `ipset restore`: commands line by line; what came before a refused one stays. */
export function restoreIpset(context: IpsetContext, text: string): IpsetResult {
  let number = 0;
  for (const line of text.split('\n')) {
    number += 1;
    const words = line.trim().split(/\s+/).filter(Boolean);
    if (words.length === 0 || line.startsWith('#') || words[0] === 'COMMIT') continue;
    const result = runIpset(context, words);
    if (result.exitCode === 0) continue;
    const reason = result.stderr.slice(tool.length);
    return { ...result, stderr: `${tool}Error in line ${number}: ${reason}` };
  }
  return done('');
}

function done(stdout: string): IpsetResult {
  return { stdout, stderr: '', exitCode: 0 };
}

function failure(text: string): IpsetResult {
  return { stdout: '', stderr: `${tool}${text}\n`, exitCode: 1 };
}

function misuse(text: string): IpsetResult {
  return { stdout: '', stderr: `${tool}${text}\nTry \`ipset help' for more information.\n`, exitCode: 2 };
}

function create(
  { sets }: IpsetContext,
  name: string,
  words: readonly string[],
  exists: boolean,
): IpsetResult {
  const [typeName = '', ...options] = words;
  const type = setTypeOf(typeName);
  if (type === undefined) return failure(`Syntax error: typename '${typeName}' is unknown`);
  const known = sets.get(name);
  if (known !== undefined) {
    return exists && known.type === type
      ? done('')
      : failure('Set cannot be created: set with the same name already exists');
  }
  // Source: IPSET_MAXNAMELEN in Linux uapi/linux/netfilter/ipset/ip_set.h.
  if (name.length > 31) return failure(`Syntax error: setname '${name}' is longer than 31 characters`);
  if (sets.size >= mostSets) return failure('Kernel error received: Cannot allocate memory');
  const at = options.indexOf('timeout');
  const timeout = at < 0 ? undefined : Number(options[at + 1]);
  sets.set(name, {
    type,
    ...(timeout !== undefined && Number.isFinite(timeout) ? { timeoutSeconds: timeout } : {}),
    members: new Map(),
  });
  return done('');
}

function changeMember(
  { sets }: IpsetContext,
  verb: 'add' | 'del' | 'test',
  asked: {
    readonly name: string;
    readonly text: string;
    readonly options: readonly string[];
    readonly exists: boolean;
  },
): IpsetResult {
  const { name, text, options, exists } = asked;
  const set = sets.get(name);
  if (set === undefined) return failure(noSet);
  const parsed = parseMember(set.type, text);
  if ('problem' in parsed) return failure(parsed.problem);
  const { key, member } = parsed;
  const isThere = set.members.has(key);
  if (verb === 'test') {
    const isMember = set.type === 'list:set' ? isThere : isInSet(sets, set, questionOf(member));
    return isMember
      ? { stdout: '', stderr: `Warning: ${text} is in set ${name}.\n`, exitCode: 0 }
      : { stdout: '', stderr: `${text} is NOT in set ${name}.\n`, exitCode: 1 };
  }
  if (verb === 'del') {
    if (!isThere && !exists) return failure("Element cannot be deleted from the set: it's not added");
    set.members.delete(key);
    return done('');
  }
  if (isThere) return exists ? done('') : failure("Element cannot be added to the set: it's already added");
  if (set.type === 'list:set' && !sets.has(text)) {
    return failure('Set to be added/deleted/tested as element does not exist.');
  }
  const most = set.type === 'list:set' ? listSize : mostMembers;
  if (set.members.size >= most) return failure('Hash is full, cannot add more elements');
  set.members.set(key, Object.freeze({ ...member, isException: options.includes('nomatch') }));
  return done('');
}

function forSets({ sets }: IpsetContext, name: string | undefined, act: (set: IpSet) => void): IpsetResult {
  const named = name === undefined ? undefined : sets.get(name);
  if (name !== undefined && named === undefined) return failure(noSet);
  for (const set of named === undefined ? sets.values() : [named]) act(set);
  return done('');
}

function destroy(context: IpsetContext, name: string | undefined): IpsetResult {
  const { sets } = context;
  if (name !== undefined && !sets.has(name)) return failure(noSet);
  const names = name === undefined ? [...sets.keys()] : [name];
  const isHeld = (each: string) =>
    context.rulesAbout(each) > 0 || (name !== undefined && listsWith(sets, each) > 0);
  if (names.some(isHeld)) return failure(inUse);
  for (const each of names) sets.delete(each);
  return done('');
}

function listsWith(sets: IpSets, name: string): number {
  return [...sets.values()].filter((set) => isList(set) && set.members.has(name)).length;
}

function isList({ type }: IpSet): boolean {
  return type === 'list:set';
}

function exchange(
  context: IpsetContext,
  isRename: boolean,
  from: string | undefined,
  to: string | undefined,
): IpsetResult {
  const { sets } = context;
  const verb = isRename ? 'rename' : 'swap';
  if (from === undefined) return misuse(`Missing mandatory argument to command ${verb}`);
  if (to === undefined) return misuse(`Missing second mandatory argument to command ${verb}`);
  const first = sets.get(from);
  const second = sets.get(to);
  if (first === undefined) return failure(noSet);
  if (isRename) {
    if (second !== undefined) {
      return failure('Set cannot be renamed: a set with the new name already exists');
    }
    if (context.rulesAbout(from) > 0) return failure('Set cannot be renamed: it is in use by another system');
    sets.delete(from);
    sets.set(to, first);
    return done('');
  }
  if (second === undefined) return failure('Sets cannot be swapped: the second set does not exist');
  if (first.type !== second.type) return failure('The sets cannot be swapped: their type does not match');
  sets.set(from, second);
  sets.set(to, first);
  return done('');
}

function headerOf(name: string, set: IpSet): string {
  if (isList(set)) return `size ${listSize}`;
  const timeout = set.timeoutSeconds === undefined ? '' : ` timeout ${set.timeoutSeconds}`;
  let value = 0x811c9dc5;
  for (const char of name) value = Math.imul(value ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  // The kernel's is by chance.
  const initial = `initval 0x${value.toString(16).padStart(8, '0')}`;
  return `family inet hashsize 1024 maxelem ${mostMembers}${timeout} bucketsize 12 ${initial}`;
}

function saveText(name: string, set: IpSet): string {
  const members = memberTexts(set).map((text) => `add ${name} ${text}\n`);
  return `create ${name} ${set.type} ${headerOf(name, set)}\n${members.join('')}`;
}

function memberTexts(set: IpSet): readonly string[] {
  const timeout = set.timeoutSeconds === undefined ? '' : ` timeout ${set.timeoutSeconds}`;
  return [...set.members].map(
    ([text, { isException }]) => `${text}${isException ? ' nomatch' : ''}${timeout}`,
  );
}

/** Source: what ipset 7.17 prints of new sets on Linux 6.18. */
const facts: Readonly<Record<IpSet['type'], { readonly revision: number; readonly bytes: number }>> = {
  'hash:ip': { revision: 6, bytes: 208 },
  'hash:net': { revision: 7, bytes: 456 },
  'hash:ip,port': { revision: 7, bytes: 208 },
  'list:set': { revision: 3, bytes: 80 },
};

function listText({ sets, rulesAbout }: IpsetContext, name: string, set: IpSet): string {
  const { revision, bytes } = facts[set.type];
  const members = memberTexts(set);
  return [
    `Name: ${name}`,
    `Type: ${set.type}`,
    `Revision: ${revision}`,
    `Header: ${headerOf(name, set)}`,
    `Size in memory: ${bytes + 48 * members.length}`,
    `References: ${rulesAbout(name) + listsWith(sets, name)}`,
    `Number of entries: ${members.length}`,
    'Members:',
    ...members,
    '',
  ].join('\n');
}
