/** The tar format as bytes: members with pax headers where a plain one is too narrow. Source: POSIX pax, tar(5). */
import { Header } from 'tar/header';
import { Pax } from 'tar/pax';
import { err, ok, type Result } from './result.ts';

/** One file or folder of an archive. Names of folders end in a slash. */
export interface TarMember {
  readonly name: string;
  readonly type: 'file' | 'directory' | 'other';
  /** The bits of chmod. */
  readonly mode: number;
  readonly modifiedMs: number;
  readonly bytes: Uint8Array;
}

const blockBytes = 512;

/** A member as it stands in an archive. */
export function encodeMember(member: TarMember): Uint8Array {
  const data = {
    path: member.name,
    mode: member.mode,
    uid: 0,
    gid: 0,
    uname: 'root',
    gname: 'root',
    size: member.bytes.length,
    mtime: new Date(Math.floor(member.modifiedMs / 1000) * 1000),
    type: member.type === 'directory' ? ('Directory' as const) : ('File' as const),
  };
  const block = Buffer.alloc(blockBytes);
  const needsPax = new Header(data).encode(block, 0);
  // The pax header has the whole name; a prefix beside it would be put before that.
  if (needsPax) new Header({ ...data, path: member.name.slice(0, 99) }).encode(block, 0);
  const extended = needsPax
    ? new Pax({ path: member.name, size: member.bytes.length }).encode()
    : Buffer.alloc(0);
  const padding = Buffer.alloc(padded(member.bytes.length) - member.bytes.length);
  return Buffer.concat([extended, block, member.bytes, padding]);
}

/** What ends an archive of so many bytes: two empty blocks, and more until it fills whole records. */
export function endOfArchive(length: number, recordBytes: number): Uint8Array {
  const end = length + 2 * blockBytes;
  return Buffer.alloc(Math.ceil(end / recordBytes) * recordBytes - length);
}

/** Why bytes are no archive: they don't begin like one, or they end in the midst of a member. */
export type TarProblem = 'not-an-archive' | 'truncated';

/** The members of an archive, in order. */
export function decodeArchive(bytes: Uint8Array): Result<readonly TarMember[], TarProblem> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const members: TarMember[] = [];
  let extended: Pax | undefined;
  let longName: string | undefined;
  let offset = 0;
  if (buffer.length < blockBytes) return err('not-an-archive');
  while (offset + blockBytes <= buffer.length) {
    const header = new Header(buffer, offset, extended);
    if (header.nullBlock) return ok(members);
    if (!header.cksumValid) return members.length === 0 ? err('not-an-archive') : err('truncated');
    const size = header.size ?? 0;
    const start = offset + blockBytes;
    if (size < 0 || start + size > buffer.length) return err('truncated');
    const body = buffer.subarray(start, start + size);
    offset = start + padded(size);
    if (header.type === 'ExtendedHeader') {
      extended = Pax.parse(body.toString('utf8'), extended);
    } else if (header.type === 'NextFileHasLongPath' || header.type === 'OldGnuLongPath') {
      longName = body.toString('utf8').replace(/\0.*$/s, '');
    } else if (header.type !== 'GlobalExtendedHeader') {
      members.push({
        name: longName ?? header.path ?? '',
        type: memberTypes.get(header.type) ?? 'other',
        mode: header.mode ?? 0o644,
        modifiedMs: header.mtime?.getTime() ?? 0,
        bytes: body,
      });
      extended = undefined;
      longName = undefined;
    }
  }
  return ok(members);
}

const memberTypes: ReadonlyMap<string, TarMember['type']> = new Map([
  ['File', 'file'],
  ['OldFile', 'file'],
  ['ContiguousFile', 'file'],
  ['Directory', 'directory'],
]);

function padded(length: number): number {
  return Math.ceil(length / blockBytes) * blockBytes;
}
