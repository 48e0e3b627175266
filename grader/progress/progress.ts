/**
 * What a learner has done so far, in one file beside the answers: outcomes and hints taken. It is a convenience, never a
 * proof: answers are graded anew, and a state file that is lost costs nobody an answer.
 */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExerciseStatus } from '../exercise/result.ts';
import type { Localized } from '../exercise/schema.ts';
import { isRecord } from '../is-record.ts';
import { errorCode, readFileBelow } from '../submission/read-file.ts';

/** What is remembered of one exercise. */
export interface ExerciseProgress {
  /** The last outcome, of the answer with this digest. */
  readonly status?: ExerciseStatus;
  readonly points?: number;
  readonly digest?: string;
  readonly hintsTaken: number;
}

/** The state of one folder of answers. */
export interface Progress {
  get(exerciseId: string): ExerciseProgress;
  /** Remembers, and writes the file. What can't be written is kept for this run, and told once. */
  set(exerciseId: string, progress: ExerciseProgress): void;
  /** What is to be told since the last call. */
  takeNotices(): readonly Localized[];
}

const progressFile = '.progress.json';

/** Reads the state file of a folder of answers. One that is broken is put aside, and work goes on with none. */
export function openProgress(answersFolder: string): Progress {
  const notices: Localized[] = [];
  const exercises = readState(answersFolder, notices);
  let isTold = false;
  return {
    get: (exerciseId) => exercises.get(exerciseId) ?? { hintsTaken: 0 },
    set(exerciseId, progress) {
      exercises.set(exerciseId, progress);
      const error = writeState(answersFolder, exercises);
      if (error === undefined || isTold) return;
      isTold = true;
      notices.push({
        ko: `${answersFolder}에 진행 상황을 저장할 수 없습니다 (${error}). 저장하지 않고 계속합니다`,
        en: `progress can't be saved in ${answersFolder} (${error}); going on without saving`,
      });
    },
    takeNotices: () => notices.splice(0),
  };
}

function readState(answersFolder: string, notices: Localized[]): Map<string, ExerciseProgress> {
  const read = readFileBelow(answersFolder, progressFile);
  if (!read.ok && read.error.missing) return new Map();
  const state = read.ok ? parseState(read.value) : undefined;
  if (state !== undefined) return state;
  const kept = `${progressFile}.broken`;
  const moved = moveAside(answersFolder, kept);
  notices.push({
    ko: `진행 상황 파일이 깨졌거나 읽을 수 없어 처음부터 시작합니다${moved ? `. 그 파일은 ${kept}로 남겨 두었습니다` : ''}`,
    en: `the progress file is broken or unreadable: starting afresh${moved ? `; it is kept as ${kept}` : ''}`,
  });
  return new Map();
}

function moveAside(answersFolder: string, kept: string): boolean {
  try {
    renameSync(join(answersFolder, progressFile), join(answersFolder, kept));
    return true;
  } catch {
    return false;
  }
}

function parseState(text: string): Map<string, ExerciseProgress> | undefined {
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(state)) return undefined;
  const { version, exercises: entries } = state;
  if (version !== 1 || !isRecord(entries)) return undefined;
  const exercises = new Map<string, ExerciseProgress>();
  for (const [id, entry] of Object.entries(entries)) {
    if (!isExerciseProgress(entry)) return undefined;
    exercises.set(id, entry);
  }
  return exercises;
}

/** Whole into a file beside, then renamed into place: a reader sees the old state or the new, never half of one. */
function writeState(
  answersFolder: string,
  exercises: ReadonlyMap<string, ExerciseProgress>,
): string | undefined {
  const sorted = [...exercises].sort(([a], [b]) => (a < b ? -1 : 1));
  const text = `${JSON.stringify({ version: 1, exercises: Object.fromEntries(sorted) }, null, 2)}\n`;
  const temporary = join(answersFolder, `${progressFile}.new`);
  try {
    mkdirSync(answersFolder, { recursive: true });
    rmSync(temporary, { force: true });
    writeFileSync(temporary, text, { flag: 'wx' });
    renameSync(temporary, join(answersFolder, progressFile));
    return undefined;
  } catch (error) {
    return errorCode(error);
  }
}

const statuses: ReadonlySet<unknown> = new Set<ExerciseStatus>(['todo', 'passed', 'failed', 'errored']);

function isExerciseProgress(value: unknown): value is ExerciseProgress {
  if (!isRecord(value)) return false;
  const { status, points, digest, hintsTaken } = value;
  return (
    (status === undefined || statuses.has(status)) &&
    (points === undefined || (typeof points === 'number' && Number.isFinite(points) && points >= 0)) &&
    (digest === undefined || typeof digest === 'string') &&
    typeof hintsTaken === 'number' &&
    Number.isSafeInteger(hintsTaken) &&
    hintsTaken >= 0
  );
}
