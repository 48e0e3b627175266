/**
 * Which rules a namespace's labels ask of its Pods. Source: k8s.io/pod-security-admission/api, helpers.go.
 */
import type { FieldError } from '../scheme.ts';

/** How strict a policy is. */
export type Level = 'privileged' | 'baseline' | 'restricted';

/** A level and the release whose rules count. */
export interface LevelVersion {
  readonly level: Level;
  /** The minor release, `latest` when it moves with the server. */
  readonly version: number | 'latest';
}

/** What a namespace asks for; audit goes to the audit log, which there is none of. */
export interface Policy {
  readonly enforce: LevelVersion;
  readonly warn: LevelVersion;
  /** The problems of the labels; what cannot be read counts as most strict where it is enforced. */
  readonly errors: readonly FieldError[];
}

const levels: readonly Level[] = ['privileged', 'baseline', 'restricted'];
const prefix = 'pod-security.kubernetes.io/';

/** Reads the labels. */
export function policyOf(labels: ReadonlyMap<string, string>): Policy {
  const errors: FieldError[] = [];
  const blame = (label: string, value: string, why: string): void => {
    errors.push({
      type: 'FieldValueInvalid',
      field: `metadata.labels[${prefix}${label}]`,
      message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
    });
  };
  const readLevel = (label: string, whenBad: Level): Level | undefined => {
    const value = labels.get(`${prefix}${label}`);
    if (value === undefined) return undefined;
    const found = levels.find((level) => level === value);
    if (found === undefined) blame(label, value, `must be one of ${levels.join(', ')}`);
    return found ?? whenBad;
  };
  const readVersion = (label: string): LevelVersion['version'] | undefined => {
    const value = labels.get(`${prefix}${label}`);
    if (value === undefined || value === 'latest') return value;
    const minor = /^v1\.([0-9]|[1-9][0-9]*)$/.exec(value)?.[1];
    if (minor === undefined) blame(label, value, 'must be "latest" or "v1.x"');
    return minor === undefined ? 'latest' : Number(minor);
  };
  const enforceLevel = readLevel('enforce', 'restricted');
  const hasEnforceLevel = enforceLevel !== undefined && errors.length === 0;
  const enforce: LevelVersion = {
    level: enforceLevel ?? 'privileged',
    version: readVersion('enforce-version') ?? 'latest',
  };
  readLevel('audit', 'privileged');
  readVersion('audit-version');
  const warnLevel = readLevel('warn', 'privileged');
  const warnVersion = readVersion('warn-version');
  // What is enforced is warned of, too, so that templates are told of it.
  const takesEnforced = warnLevel === undefined && hasEnforceLevel && enforce.level !== 'privileged';
  const warn: LevelVersion = takesEnforced
    ? { level: enforce.level, version: warnVersion ?? enforce.version }
    : { level: warnLevel ?? 'privileged', version: warnVersion ?? 'latest' };
  return { enforce, warn, errors };
}

/** Whether a level asks for no less than another. */
export function isAtLeast(level: Level, other: Level): boolean {
  return levels.indexOf(level) >= levels.indexOf(other);
}

/** `baseline:latest`, `restricted:v1.30` */
export function formatLevel({ level, version }: LevelVersion): string {
  return `${level}:${version === 'latest' ? version : `v1.${version}`}`;
}
