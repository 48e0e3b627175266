/** What strerror(3) says of an errno, in glibc's words (musl's differ where noted by its callers). */
import type { Errno } from '../net/process/errno.ts';

const texts: Readonly<Record<Errno, { readonly number: number; readonly text: string }>> = {
  EPERM: { number: 1, text: 'Operation not permitted' },
  ENOENT: { number: 2, text: 'No such file or directory' },
  ESRCH: { number: 3, text: 'No such process' },
  ENOEXEC: { number: 8, text: 'Exec format error' },
  EBADF: { number: 9, text: 'Bad file descriptor' },
  ECHILD: { number: 10, text: 'No child processes' },
  EAGAIN: { number: 11, text: 'Resource temporarily unavailable' },
  EACCES: { number: 13, text: 'Permission denied' },
  EEXIST: { number: 17, text: 'File exists' },
  ENODEV: { number: 19, text: 'No such device' },
  ENOTDIR: { number: 20, text: 'Not a directory' },
  EISDIR: { number: 21, text: 'Is a directory' },
  EINVAL: { number: 22, text: 'Invalid argument' },
  ENOSPC: { number: 28, text: 'No space left on device' },
  EPIPE: { number: 32, text: 'Broken pipe' },
  ENOTEMPTY: { number: 39, text: 'Directory not empty' },
  EMSGSIZE: { number: 90, text: 'Message too long' },
  ENOPROTOOPT: { number: 92, text: 'Protocol not available' },
  EOPNOTSUPP: { number: 95, text: 'Operation not supported' },
  EADDRINUSE: { number: 98, text: 'Address already in use' },
  EADDRNOTAVAIL: { number: 99, text: 'Cannot assign requested address' },
  ENETUNREACH: { number: 101, text: 'Network is unreachable' },
  ECONNRESET: { number: 104, text: 'Connection reset by peer' },
  ENOTCONN: { number: 107, text: 'Transport endpoint is not connected' },
  ETIMEDOUT: { number: 110, text: 'Connection timed out' },
  ECONNREFUSED: { number: 111, text: 'Connection refused' },
  EHOSTUNREACH: { number: 113, text: 'No route to host' },
};

/** The words for an errno. */
export function errnoText(errno: Errno): string {
  return texts[errno].text;
}

/** Whether a value is the name of an errno. */
export function isErrno(value: unknown): value is Errno {
  return typeof value === 'string' && Object.hasOwn(texts, value);
}

/** The number of an errno on Linux. */
export function errnoNumber(errno: Errno): number {
  return texts[errno].number;
}
