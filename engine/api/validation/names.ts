/**
 * Names, labels and numbers as Kubernetes allows them; each check gives the problems in upstream's words.
 * Source: k8s.io/apimachinery/pkg/util/validation, k8s.io/apimachinery/pkg/api/validation/name.go.
 */

/** A check of a text: no problems when it is valid. */
export type NameCheck = (value: string) => readonly string[];

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomain = `${label}(\\.${label})*`;
const qualifiedPart = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const configKey = '[-._a-zA-Z0-9]+';
const httpHeaderName = '[-A-Za-z0-9]+';

const labelRule =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const subdomainRule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const qualifiedRule =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

/** Longest label or port name of DNS. Source: RFC 1123. */
const maxLabelLength = 63;
/** Longest name of DNS as Kubernetes counts it. */
const maxSubdomainLength = 253;

/** A rule, examples of it and its pattern, as every message about a pattern ends. */
function patternError(rule: string, pattern: string, ...examples: readonly string[]): string {
  if (examples.length === 0) return `${rule} (regex used for validation is '${pattern}')`;
  const quoted = examples.map((example) => `'${example}', `).join(' or ');
  return `${rule} (e.g. ${quoted}regex used for validation is '${pattern}')`;
}

/** Upstream has two wordings: names of objects are counted in characters, labels in bytes, by what is said. */
function maxLengthError(length: number, unit: 'characters' | 'bytes' = 'characters'): string {
  return `must be no more than ${length} ${unit}`;
}

/** `must be between 1 and 65535, inclusive` */
export function rangeError(low: number, high: number): string {
  return `must be between ${low} and ${high}, inclusive`;
}

function matches(pattern: string, value: string): boolean {
  return new RegExp(`^${pattern}$`).test(value);
}

/** The length that Kubernetes counts: bytes of UTF-8. */
export function byteLength(value: string): number {
  return Buffer.byteLength(value);
}

/** A DNS label: names of namespaces, ports and containers. */
export const checkDns1123Label: NameCheck = (value) => {
  const problems = byteLength(value) > maxLabelLength ? [maxLengthError(maxLabelLength)] : [];
  // Matching is bounded: a longer value needs no second message to be refused, but upstream gives one.
  if (isDns1123Label(value)) return problems;
  if (isDns1123Subdomain(value)) return [...problems, 'must not contain dots'];
  return [...problems, patternError(labelRule, label, 'my-name', '123-abc')];
};

function isDns1123Label(value: string): boolean {
  return /^[-a-z0-9]+$/.test(value) && !value.startsWith('-') && !value.endsWith('-');
}

function isDns1123Subdomain(value: string): boolean {
  return value.split('.').every(isDns1123Label);
}

/** A DNS label that begins with a letter: versions of an API. Source: RFC 1035. */
export const checkDns1035Label: NameCheck = (value) => {
  const problems = byteLength(value) > maxLabelLength ? [maxLengthError(maxLabelLength)] : [];
  if (/^[a-z]/.test(value) && isDns1123Label(value)) return problems;
  const rule =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
  return [...problems, patternError(rule, '[a-z]([-a-z0-9]*[a-z0-9])?', 'my-name', 'abc-123')];
};

/** Dot-separated DNS labels: names of most objects. */
export const checkDns1123Subdomain: NameCheck = (value) => {
  const problems = byteLength(value) > maxSubdomainLength ? [maxLengthError(maxSubdomainLength)] : [];
  return isDns1123Subdomain(value)
    ? problems
    : [...problems, patternError(subdomainRule, subdomain, 'example.com')];
};

/** A DNS name that begins with `*.`. Source: RFC 1034, 4.3.3. */
export const checkWildcardSubdomain: NameCheck = (value) => {
  const problems = byteLength(value) > maxSubdomainLength ? [maxLengthError(maxSubdomainLength)] : [];
  if (value.startsWith('*.') && isDns1123Subdomain(value.slice(2))) return problems;
  const rule =
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";
  return [...problems, patternError(rule, `\\*\\.${subdomain}`, '*.example.com')];
};

/** The path of a name such as `example.com/controller`. */
export const checkHttpPath: NameCheck = (value) => {
  const path = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
  return matches(path, value) ? [] : [patternError('Invalid path', path)];
};

/** Keys of labels: an optional DNS prefix, a slash, a name. */
export const checkQualifiedName: NameCheck = (value) => {
  const parts = value.split('/');
  const problems: string[] = [];
  const name = parts.at(-1) ?? '';
  if (parts.length > 2) {
    const rule = `a valid label key ${patternError(qualifiedRule, qualifiedPart, 'MyName', 'my.name', '123-abc')}`;
    return [`${rule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  if (parts.length === 2) {
    const prefix = parts[0] ?? '';
    if (prefix === '') problems.push('prefix part must be non-empty');
    else problems.push(...checkPrefix(prefix).map((problem) => `prefix part ${problem}`));
  }
  if (name === '') problems.push('name part must be non-empty');
  else if (byteLength(name) > maxLabelLength)
    problems.push(`name part ${maxLengthError(maxLabelLength, 'bytes')}`);
  if (!matches('[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?', name)) {
    problems.push(`name part ${patternError(qualifiedRule, qualifiedPart, 'MyName', 'my.name', '123-abc')}`);
  }
  return problems;
};

/** The part of a label's key before the slash. */
const checkPrefix: NameCheck = (value) => {
  const problems =
    byteLength(value) > maxSubdomainLength ? [maxLengthError(maxSubdomainLength, 'bytes')] : [];
  return isDns1123Subdomain(value)
    ? problems
    : [...problems, patternError(subdomainRule, subdomain, 'example.com')];
};

/** Values of labels: empty, or like the name part of a key. */
export const checkLabelValue: NameCheck = (value) => {
  const problems = byteLength(value) > maxLabelLength ? [maxLengthError(maxLabelLength, 'bytes')] : [];
  if (value === '' || matches('[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?', value)) return problems;
  const rule =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
  return [...problems, patternError(rule, `(${qualifiedPart})?`, 'MyValue', 'my_value', '12345')];
};

/** Names of ports of a Pod: at most 15 characters, with a letter. Source: RFC 6335. */
export const checkPortName: NameCheck = (value) => {
  const problems: string[] = [];
  if (byteLength(value) > 15) problems.push(maxLengthError(15));
  if (!/^[-a-z0-9]+$/.test(value)) {
    problems.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(value)) problems.push('must contain at least one letter (a-z)');
  if (value.includes('--')) problems.push('must not contain consecutive hyphens');
  if (value !== '' && (value.startsWith('-') || value.endsWith('-'))) {
    problems.push('must not begin or end with a hyphen');
  }
  return problems;
};

/** A port number. */
export function checkPortNumber(value: number): readonly string[] {
  return value >= 1 && value <= 65535 ? [] : [rangeError(1, 65535)];
}

/** Names of environment variables, as relaxed since v1.34: printable ASCII but for `=`. */
export const checkEnvVarName: NameCheck = (value) => {
  if (value === '') return ['environment variable name must be non-empty'];
  return /^[\x20-\x3c\x3e-\x7e]*$/.test(value)
    ? []
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
};

/** Keys of ConfigMaps and Secrets. */
export const checkConfigMapKey: NameCheck = (value) => {
  const problems = byteLength(value) > maxSubdomainLength ? [maxLengthError(maxSubdomainLength)] : [];
  if (!matches(configKey, value)) {
    const rule = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
    problems.push(patternError(rule, configKey, 'key.name', 'KEY_NAME', 'key-name'));
  }
  return [...problems, ...checkNoParentFolder(value)];
};

function checkNoParentFolder(value: string): readonly string[] {
  if (value === '.') return ["must not be '.'"];
  if (value === '..') return ["must not be '..'"];
  return value.startsWith('..') ? ["must not start with '..'"] : [];
}

/** A path without `..`. */
export const checkNoBackSteps: NameCheck = (value) =>
  value.split('/').includes('..') ? ["must not contain '..'"] : [];

/** Names of HTTP headers. */
export const checkHttpHeaderName: NameCheck = (value) => {
  const rule = "a valid HTTP header must consist of alphanumeric characters or '-'";
  return matches(httpHeaderName, value) ? [] : [patternError(rule, httpHeaderName, 'X-Header-Name')];
};

/** Names that go into a path of the API: RBAC objects. */
export const checkPathSegmentName: NameCheck = (value) => {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%'].filter((char) => value.includes(char)).map((char) => `may not contain '${char}'`);
};

/** A percentage such as `25%`. */
export const checkPercent: NameCheck = (value) => {
  const rule = "a valid percent string must be a numeric string followed by an ending '%'";
  return /^[0-9]+%$/.test(value) ? [] : [patternError(rule, '[0-9]+%', '1%', '93%')];
};

/** A name of the kind as a prefix: what generateName may hold. */
export function maskTrailingDash(name: string): string {
  return name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;
}
