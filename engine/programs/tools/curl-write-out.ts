/** curl's `-w`: a text with `%{variable}` and backslash escapes. */
import { type HeaderFields, header } from '../http/message.ts';
import type { CurlFailure } from './curl-failure.ts';
import type { Transfer } from './curl-transfer.ts';

/** What -w prints, and where. */
export interface WrittenOut {
  readonly out: string;
  readonly err: string;
}

/** What is known besides the transfer. */
export interface WriteOutFacts {
  readonly failure: CurlFailure | undefined;
  /** Which URL of the line it is, from 0. */
  readonly urlIndex: number;
  readonly file: string;
}

/** Fills in a format; a variable that is not known is told on standard error, and prints nothing. */
export function formatWriteOut(format: string, outcome: Transfer, facts: WriteOutFacts): WrittenOut {
  let out = '';
  let err = '';
  let toError = false;
  const write = (text: string) => {
    if (toError) err += text;
    else out += text;
  };
  const pattern = /%header\{([^}]*)\}|%\{([^}]*)\}|%%|\\(.)|[^%\\]+|[%\\]/gs;
  for (const [whole, field, variable, letter] of format.matchAll(pattern)) {
    if (field !== undefined) write(header(outcome.response?.headers ?? [], field) ?? '');
    else if (letter !== undefined) write(escapes.get(letter) ?? whole);
    else if (variable === 'stdout' || variable === 'stderr') toError = variable === 'stderr';
    else if (variable !== undefined) {
      const value = variableValue(variable, outcome, facts);
      if (value === undefined) err += `curl: unknown --write-out variable: '${variable}'\n`;
      else write(value);
    } else write(whole === '%%' ? '%' : whole);
  }
  return { out, err };
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

function variableValue(
  variable: string,
  outcome: Transfer,
  { failure, urlIndex, file }: WriteOutFacts,
): string | undefined {
  const { response, times } = outcome;
  switch (variable) {
    case 'http_code':
    case 'response_code':
      return String(response?.status ?? 0).padStart(3, '0');
    case 'http_version':
      return response === undefined ? '0' : '1.1';
    case 'remote_ip':
      return outcome.remote?.address ?? '';
    case 'remote_port':
      return String(outcome.remote?.port ?? 0);
    case 'local_ip':
      return outcome.local?.address ?? '';
    case 'local_port':
      return String(outcome.local?.port ?? 0);
    case 'size_download':
      return String(response?.body.length ?? 0);
    case 'size_header':
      return String([...outcome.earlierHeads, response?.head ?? ''].join('').length);
    case 'size_request':
      return String(outcome.requestBytes);
    case 'size_upload':
    case 'speed_upload':
      return '0';
    case 'speed_download':
      return String(Math.round(((response?.body.length ?? 0) * 1000) / Math.max(1, times.endedMs)));
    case 'num_headers':
      return String(response?.headers.length ?? 0);
    case 'header_json':
      return headersAsJson(response?.headers ?? []);
    case 'http_connect':
      return '000';
    case 'urlnum':
      return String(urlIndex);
    case 'filename_effective':
      return file;
    case 'num_retries':
    case 'time_redirect':
    case 'time_appconnect':
    case 'referer':
    case 'onerror':
      return variable.startsWith('time') ? seconds(0) : variable === 'num_retries' ? '0' : '';
    case 'time_pretransfer':
      return seconds(times.connectedMs);
    case 'content_type':
      return header(response?.headers ?? [], 'content-type') ?? '';
    case 'url':
      return outcome.url;
    case 'url_effective':
      return outcome.effectiveUrl;
    case 'num_redirects':
      return String(outcome.earlierHeads.length);
    case 'num_connects':
      return outcome.remote === undefined ? '0' : String(outcome.earlierHeads.length + 1);
    case 'method':
      return outcome.method;
    case 'scheme':
      return outcome.effectiveUrl.startsWith('https:') ? 'https' : 'http';
    case 'ssl_verify_result':
      return String(failure?.verifyResult ?? outcome.verifyResult ?? 0);
    case 'redirect_url':
      return outcome.redirectUrl ?? '';
    case 'exitcode':
      return String(failure?.code ?? 0);
    case 'errormsg':
      return failure?.message ?? '';
    case 'time_namelookup':
      return seconds(times.resolvedMs);
    case 'time_connect':
      return seconds(times.connectedMs);
    case 'time_starttransfer':
    case 'time_total':
      return seconds(times.endedMs);
    default:
      return undefined;
  }
}

/** Every field by its name in small letters, in the order of their first values, a line each. */
function headersAsJson(headers: HeaderFields): string {
  const values = new Map<string, string[]>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    values.set(key, [...(values.get(key) ?? []), value]);
  }
  const lines = [...values].map(([name, list]) => `${JSON.stringify(name)}:${JSON.stringify(list)}`);
  return `{${lines.join(',\n')}\n}`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(6);
}
