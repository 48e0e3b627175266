/** What -F makes: a body of several parts. Source: curl(1), --form; lib/mime.c; measured with curl. Left out: several files in one part. */
import { err, ok, type Result } from '../../base/result.ts';
import * as sys from '../../net/process/sys.ts';
import type { ParsedArguments } from '../arguments.ts';
import type { CurlFailure } from './curl-failure.ts';

/** A body with the line that says how it is divided. */
export interface FormBody {
  readonly text: string;
  readonly contentType: string;
}

/** Letters after the dashes of a boundary. Source: curl 8.16, lib/mime.h, MIME_RAND_BOUNDARY_CHARS. */
const boundaryLetters = 22;
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Types by the end of a file's name. Source: curl 8.16, lib/mime.c, Curl_mime_contenttype. */
const types: readonly (readonly [end: string, type: string])[] = [
  ['.gif', 'image/gif'],
  ['.jpg', 'image/jpeg'],
  ['.jpeg', 'image/jpeg'],
  ['.png', 'image/png'],
  ['.svg', 'image/svg+xml'],
  ['.txt', 'text/plain'],
  ['.htm', 'text/html'],
  ['.html', 'text/html'],
  ['.pdf', 'application/pdf'],
  ['.xml', 'application/xml'],
];

/** Whether a part has a name and a value. */
export function isFormPart(value: string): boolean {
  return value.includes('=');
}

/** The body that -F and --form-string ask for; undefined when they are not there. */
export function* readForm(args: ParsedArguments): sys.Sys<Result<FormBody | undefined, CurlFailure>> {
  const given = args.entries.filter(([name]) => name === 'form' || name === 'form-string');
  if (given.length === 0) return ok(undefined);
  let letters = '';
  while (letters.length < boundaryLetters)
    letters += alphabet.charAt(Math.floor((yield* sys.random()) * alphabet.length));
  const boundary = `${'-'.repeat(24)}${letters}`;
  let text = '';
  for (const [option, entry] of given) {
    const part = yield* readPart(option === 'form-string', entry);
    if (!part.ok) return part;
    text += `--${boundary}\r\n${part.value}\r\n`;
  }
  return ok({ text: `${text}--${boundary}--\r\n`, contentType: `multipart/form-data; boundary=${boundary}` });
}

function* readPart(isText: boolean, entry: string): sys.Sys<Result<string, CurlFailure>> {
  const equals = entry.indexOf('=');
  const [name, given] = [entry.slice(0, equals), entry.slice(equals + 1)];
  if (isText) return ok(formatPart(name, given, undefined, undefined));
  const [value = '', ...settings] = given.split(';');
  const setting = (key: string) =>
    settings
      .find((one) => one.trim().startsWith(`${key}=`))
      ?.trim()
      .slice(key.length + 1);
  if (!/^[@<]/.test(value)) return ok(formatPart(name, value, undefined, setting('type')));
  const path = value.slice(1);
  const bytes = path === '-' ? ok(yield* sys.readAllStdin()) : yield* sys.readFile(path);
  if (!bytes.ok) return err({ code: 26, message: 'Failed to open/read local data from file/application' });
  const text = sys.toText(bytes.value);
  if (value.startsWith('<')) return ok(formatPart(name, text, undefined, setting('type')));
  const file = setting('filename') ?? path.split('/').at(-1) ?? '';
  const type = setting('type') ?? types.find(([end]) => path.toLowerCase().endsWith(end))?.[1];
  return ok(formatPart(name, text, file, type ?? 'application/octet-stream'));
}

function formatPart(
  name: string,
  content: string,
  file: string | undefined,
  type: string | undefined,
): string {
  const lines = [
    `Content-Disposition: form-data; name="${name}"${file === undefined ? '' : `; filename="${file}"`}`,
    ...(type === undefined ? [] : [`Content-Type: ${type}`]),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${content}`;
}
