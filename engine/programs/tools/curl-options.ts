/** curl's options as they are known here, and what it says of values that can't be meant. Source: curl(1), measured with curl. */
import type { OptionTable, ParsedArguments } from '../arguments.ts';
import { isFormPart } from './curl-form.ts';

/** Those that do nothing here are there because nothing of theirs shows: `--compressed` only says what it would take. */
export const curlOptions: OptionTable = {
  flags: {
    s: 'silent',
    silent: 'silent',
    S: 'show-error',
    'show-error': 'show-error',
    v: 'verbose',
    verbose: 'verbose',
    i: 'include',
    include: 'include',
    'show-headers': 'include',
    I: 'head',
    head: 'head',
    f: 'fail',
    fail: 'fail',
    'fail-with-body': 'fail-with-body',
    L: 'location',
    location: 'location',
    k: 'insecure',
    insecure: 'insecure',
    O: 'remote-name',
    'remote-name': 'remote-name',
    G: 'get',
    get: 'get',
    N: 'no-buffer',
    'no-buffer': 'no-buffer',
    '4': 'ipv4',
    ipv4: 'ipv4',
    'http1.1': 'http1.1',
    '0': 'http1.0',
    'http1.0': 'http1.0',
    g: 'globoff',
    globoff: 'globoff',
    'no-progress-meter': 'no-progress-meter',
    'path-as-is': 'path-as-is',
    'no-keepalive': 'no-keepalive',
    V: 'version',
    version: 'version',
    h: 'help',
    help: 'help',
    q: 'disable',
    disable: 'disable',
    '#': 'no-progress-meter',
    'progress-bar': 'no-progress-meter',
    '6': 'ipv6',
    ipv6: 'ipv6',
    j: 'junk-session-cookies',
    'junk-session-cookies': 'junk-session-cookies',
    J: 'remote-header-name',
    'remote-header-name': 'remote-header-name',
    compressed: 'compressed',
    http2: 'http2',
    'location-trusted': 'location-trusted',
    post301: 'post301',
    post302: 'post302',
    post303: 'post303',
    basic: 'basic',
    'fail-early': 'fail-early',
    'create-dirs': 'create-dirs',
    'retry-connrefused': 'retry-connrefused',
    'retry-all-errors': 'retry-all-errors',
    'tcp-nodelay': 'tcp-nodelay',
    'ssl-no-revoke': 'ssl-no-revoke',
    'tlsv1.2': 'tlsv1.2',
    'tlsv1.3': 'tlsv1.3',
    raw: 'raw',
  },
  values: {
    o: 'output',
    output: 'output',
    w: 'write-out',
    'write-out': 'write-out',
    H: 'header',
    header: 'header',
    X: 'request',
    request: 'request',
    d: 'data',
    data: 'data',
    'data-ascii': 'data',
    'data-raw': 'data-raw',
    'data-binary': 'data-binary',
    'data-urlencode': 'data-urlencode',
    json: 'json',
    m: 'max-time',
    'max-time': 'max-time',
    'connect-timeout': 'connect-timeout',
    A: 'user-agent',
    'user-agent': 'user-agent',
    e: 'referer',
    referer: 'referer',
    u: 'user',
    user: 'user',
    retry: 'retry',
    'retry-delay': 'retry-delay',
    'max-redirs': 'max-redirs',
    resolve: 'resolve',
    'connect-to': 'connect-to',
    cacert: 'cacert',
    b: 'cookie',
    cookie: 'cookie',
    c: 'cookie-jar',
    'cookie-jar': 'cookie-jar',
    interface: 'interface',
    url: 'url',
    D: 'dump-header',
    'dump-header': 'dump-header',
    r: 'range',
    range: 'range',
    T: 'upload-file',
    'upload-file': 'upload-file',
    F: 'form',
    form: 'form',
    'form-string': 'form-string',
    'oauth2-bearer': 'oauth2-bearer',
    'request-target': 'request-target',
    'output-dir': 'output-dir',
    'retry-max-time': 'retry-max-time',
    'limit-rate': 'limit-rate',
    'keepalive-time': 'keepalive-time',
    'expect100-timeout': 'expect100-timeout',
    noproxy: 'noproxy',
    y: 'speed-time',
    'speed-time': 'speed-time',
    Y: 'speed-limit',
    'speed-limit': 'speed-limit',
  },
};

/** Options whose value is a number, with how they may be written. */
const numbers: ReadonlyMap<string, string> = new Map([
  ['max-time', '-m, --max-time'],
  ['connect-timeout', '--connect-timeout'],
  ['retry', '--retry'],
  ['retry-delay', '--retry-delay'],
  ['retry-max-time', '--retry-max-time'],
  ['max-redirs', '--max-redirs'],
]);

/** What is wrong with the values of options: the text after `curl: `, or undefined. `argv` says how they were written. */
export function findWrongValue(args: ParsedArguments, argv: readonly string[]): string | undefined {
  for (const [name, value] of args.entries) {
    if ((name === 'form' || name === 'form-string') && !isFormPart(value))
      return `option ${argv.includes('-F') ? '-F' : `--${name}`}: is badly used here`;
    const written = numbers.get(name);
    if (written === undefined) continue;
    const option =
      written.split(', ').find((form) => argv.some((word) => word.startsWith(form))) ?? `--${name}`;
    if (!/^-?\d+(?:\.\d*)?$/.test(value)) return `option ${option}: expected a proper numerical parameter`;
    // -1 stands for any number of redirects.
    if (value.startsWith('-') && name !== 'max-redirs')
      return `option ${option}: expected a positive numerical parameter`;
  }
  return undefined;
}

/** A warning when a request is asked for to be two things; then nothing is sent. */
export function findTwoMethods(args: ParsedArguments): string | undefined {
  const hasData = args.entries.some(([name]) => dataOptions.has(name)) && !args.flags.has('get');
  const hasForm = args.entries.some(([name]) => name.startsWith('form'));
  const asked = [
    ...(hasData ? ['POST \nWarning: (-d, --data)'] : []),
    ...(hasForm ? ['multipart formpost (-F, --form)'] : []),
    ...(args.flags.has('head') ? ['HEAD (-I, --head)'] : []),
  ];
  if (asked.length < 2) return undefined;
  return `Warning: You can only select one HTTP request method! You asked for both ${asked.slice(0, 2).join(' and ')}.\n`;
}

/** Options that give the request a body. */
export const dataOptions: ReadonlySet<string> = new Set([
  'data',
  'data-raw',
  'data-binary',
  'data-urlencode',
  'json',
]);
