/**
 * The formats of the workbook's files as JSON Schema, for editors: made from the zod schemas, so the two can't differ. A
 * number may also be written as a reference to a term (see {@link ../exercise/terms.ts}).
 */
import { z } from 'zod';
import {
  chapterSchema,
  equivalentSchema,
  exerciseSchema,
  glossarySchema,
  wrongReasonSchema,
} from '../exercise/schema.ts';

/** The text of each schema file by its path below the workbook's root. */
export function schemaFiles(): Readonly<Record<string, string>> {
  const text = (title: string, schema: z.ZodType) =>
    `${JSON.stringify({ title, ...allowTerms(z.toJSONSchema(schema, { io: 'input', target: 'draft-7' })) }, undefined, 2)}\n`;
  return {
    'chapters/chapter.schema.json': text('chapter.yaml', chapterSchema),
    'chapters/exercise.schema.json': text('exercise.yaml', exerciseSchema),
    'chapters/glossary.schema.json': text('glossary.yaml', glossarySchema),
    'solutions/equivalent.schema.json': text('equivalent.yaml', equivalentSchema),
    'solutions/reason.schema.json': text('reason.yaml', wrongReasonSchema),
  };
}

/** Every number may be a term, except where the number is what a term itself holds. */
function allowTerms(schema: object): object {
  const isNumber = 'type' in schema && (schema.type === 'integer' || schema.type === 'number');
  const inner = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, allowTermsWithin(value)]),
  );
  return isNumber ? { anyOf: [inner, { type: 'string', pattern: '^\\$\\([a-z][A-Za-z0-9]*\\)$' }] } : inner;
}

function allowTermsWithin(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(allowTermsWithin);
  return typeof value === 'object' && value !== null ? allowTerms(value) : value;
}
