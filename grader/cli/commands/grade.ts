/** `kubedrill grade DIR…`: many submissions, a row each. */
import { resolve } from 'node:path';
import type { Localized } from '../../exercise/schema.ts';
import { formatSubmissionTable, type SubmissionResult } from '../../reports/submission-report.ts';
import { findSubmissions, type Submission } from '../../runner/find-submissions.ts';
import { gradeSubmissions } from '../../runner/grade-submissions.ts';
import { readLearnerId, unknownLearner } from '../../submission/learner.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes, UsageError } from '../io.ts';

/** Grades and prints the table, or JSON. Exit code 1 when any exercise of any submission is not passed and not todo. */
export async function runGrade(
  context: CommandContext,
  folders: readonly string[],
  options: { readonly json?: boolean },
): Promise<number> {
  const { workbook } = await context.openSession();
  const submissions = folders.flatMap((folder) => {
    const found = findSubmissions(resolve(context.io.cwd, folder), workbook);
    if (found === undefined) throw new UsageError(noAnswers(folder)[context.language]);
    return found.map((submission) => ({
      ...submission,
      name: submission.name.replace(resolve(context.io.cwd, folder), folder),
    }));
  });
  const rows = submissions.map((submission) => describe(submission, context));
  const jobs = rows.flatMap(({ answersFolder, learnerId }, row) =>
    answersFolder === undefined ? [] : [{ row, answersFolder, learnerId: learnerId ?? unknownLearner }],
  );
  const graded = await gradeSubmissions(jobs, { workbook }, (job) => {
    const row = rows[jobs[job]?.row ?? -1];
    if (!options.json && context.io.terminal !== undefined) context.io.writeStderr(`${row?.name ?? ''}\n`);
  });
  const results = rows.map(({ answersFolder: _, ...row }, index): SubmissionResult => {
    const job = jobs.findIndex((candidate) => candidate.row === index);
    return { ...row, results: graded[job] ?? [] };
  });
  if (options.json) {
    const { formatJson, toJsonResult } = await import('../../reports/json-report.ts');
    const json = results.map((row) => ({
      ...row,
      results: row.results.map((result) => toJsonResult(result, context.language)),
    }));
    context.print(formatJson(json));
  } else for (const line of formatSubmissionTable(results, context.language)) context.print(line);
  return results.every(isFine) ? exitCodes.ok : exitCodes.failed;
}

interface Row extends Submission {
  readonly learnerId: string | undefined;
  readonly problem?: string;
}

function describe(submission: Submission, context: CommandContext): Row {
  const { answersFolder } = submission;
  const say = (problem: Localized) => ({
    ...submission,
    learnerId: undefined,
    problem: problem[context.language],
  });
  if (answersFolder === undefined) return say({ ko: '답이 없습니다', en: 'no answers' });
  const id = readLearnerId(answersFolder);
  if (!id.ok) return say(id.error);
  if (id.value === undefined) return say({ ko: 'learner.yaml이 없습니다', en: 'no learner.yaml' });
  return { ...submission, learnerId: id.value };
}

function isFine({ problem, results }: SubmissionResult): boolean {
  return (
    (problem === undefined || results.length > 0) &&
    results.every(({ status }) => status === 'passed' || status === 'todo')
  );
}

function noAnswers(folder: string): Localized {
  return {
    ko: `${folder}에 답이 없습니다: answers 폴더나 그것을 담은 폴더를 주세요`,
    en: `${folder} holds no answers: name a folder of answers, or one that holds such folders`,
  };
}
