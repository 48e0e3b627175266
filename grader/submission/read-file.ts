/**
 * Reading one file of a folder that somebody else filled: nothing outside the folder is reached, nothing that is not a
 * plain file is opened, and nothing large is taken in.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Localized } from '../exercise/schema.ts';
import { err, ok, type Result } from '../result.ts';

/** Larger than any answer ever is, small enough that a thousand of them do no harm. */
const maxFileBytes = 256 * 1024;

/** The text (without a byte order mark), or that there is no such file, or one line that says why it can't be read. */
export type ReadFile = Result<
  string,
  { readonly missing: true } | { readonly missing: false; readonly why: Localized }
>;

/**
 * Reads `path` (segments joined by `/`) below `folder`. `folder` itself may be a link, since its user chose it; below it
 * no link is followed.
 */
export function readFileBelow(folder: string, path: string): ReadFile {
  let at = folder;
  const segments = path.split('/');
  for (const [index, segment] of segments.entries()) {
    at = join(at, segment);
    const last = index === segments.length - 1;
    try {
      const stat = lstatSync(at);
      if (stat.isSymbolicLink()) return refuse(linkRefused);
      if (last ? !stat.isFile() : !stat.isDirectory()) return refuse(last ? notAFile : notAFolder);
    } catch (error) {
      return systemError(error);
    }
  }
  return readPlainFile(at);
}

/** NOFOLLOW and NONBLOCK hold the door shut against what is swapped in after the look above. */
function readPlainFile(file: string): ReadFile {
  let handle: number;
  try {
    handle = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    return systemError(error);
  }
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile()) return refuse(notAFile);
    if (stat.size > maxFileBytes) return refuse(tooLarge);
    const buffer = new Uint8Array(maxFileBytes + 1);
    let length = 0;
    for (;;) {
      const read = readSync(handle, buffer, length, buffer.length - length, null);
      length += read;
      if (read === 0 || length === buffer.length) break;
    }
    if (length > maxFileBytes) return refuse(tooLarge);
    return decode(buffer.subarray(0, length));
  } catch (error) {
    return systemError(error);
  } finally {
    closeSync(handle);
  }
}

function decode(bytes: Uint8Array): ReadFile {
  try {
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return refuse({
      ko: 'UTF-8 글자가 아닌 것이 들어 있습니다: UTF-8로 저장하세요',
      en: 'it holds what is not UTF-8 text: save it as UTF-8',
    });
  }
}

const linkRefused: Localized = {
  ko: '심볼릭 링크는 따라가지 않습니다: 파일 자체를 두세요',
  en: 'a symbolic link is not followed: put the file itself there',
};
const notAFile: Localized = {
  ko: '보통 파일이 아닙니다: 그 자리에 파일을 두세요',
  en: 'it is not a plain file: put a file in its place',
};
const notAFolder: Localized = {
  ko: '그 위의 것이 폴더가 아닙니다: 그 자리에 폴더를 두세요',
  en: 'what is above it is not a folder: put a folder in its place',
};
const tooLarge: Localized = {
  ko: `${maxFileBytes / 1024} KiB보다 큽니다: 답만 남기고 줄이세요`,
  en: `it is larger than ${maxFileBytes / 1024} KiB: keep the answer alone in it`,
};

function refuse(why: Localized): ReadFile {
  return err({ missing: false, why });
}

function systemError(error: unknown): ReadFile {
  const code = errorCode(error);
  if (code === 'ENOENT') return err({ missing: true });
  return refuse({
    ko: `읽을 수 없습니다 (${code}): 파일의 권한을 살펴보세요`,
    en: `it can't be read (${code}): look at its permissions`,
  });
}

/** The system's short name of an error (`EACCES`), for one-line messages. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'unknown error';
}
