/** curl's `-w`: a text with `%{variable}` and backslash escapes. */
import { header } from '../http/message.ts';
import type { CurlFailure } from './curl-failure.ts';
import type { Transfer } from './curl-transfer.ts';

/** Fills in a format; a variable that is not known prints nothing, as curl does (with a warning there). */
export function formatWriteOut(format: string, outcome: Transfer, failure: CurlFailure | undefined): string {
  return format.replace(
    /%\{([^}]*)\}|%%|\\(.)/g,
    (whole, variable: string | undefined, letter: string | undefined) => {
      if (letter !== undefined) return escapes.get(letter) ?? whole;
      if (variable === undefined) return '%';
      return variableValue(variable, outcome, failure);
    },
  );
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

function variableValue(variable: string, outcome: Transfer, failure: CurlFailure | undefined): string {
  const { response, times } = outcome;
  const headerName = /^header\{(.*)$/.exec(variable)?.[1];
  if (headerName !== undefined) return header(response?.headers ?? [], headerName) ?? '';
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
      return String(response?.head.length ?? 0);
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
      return String(outcome.verifyResult ?? 0);
    case 'redirect_url':
      return header(response?.headers ?? [], 'location') ?? '';
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
      return '';
  }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(6);
}
