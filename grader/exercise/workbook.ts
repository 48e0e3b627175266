/** The workbook as loaded: chapters, sections and exercises in the order in which they are worked through. */
import type { ExerciseDefinition, Glossary, Localized } from './schema.ts';

/** Everything under the workbook's root. */
export interface Workbook {
  /** The absolute folder that holds `chapters` and `solutions`. */
  readonly root: string;
  readonly chapters: readonly Chapter[];
  /** Every exercise of every chapter, in order. */
  readonly exercises: readonly Exercise[];
}

/** A folder `chapters/03-networking`. */
export interface Chapter {
  readonly id: string;
  readonly title: Localized;
  readonly folder: string;
  readonly sections: readonly Section[];
  /** From glossary.yaml; empty where there is none. */
  readonly glossary: Glossary['terms'];
}

/** A folder `chapters/03-networking/01-pod-network`, with its lesson. */
export interface Section {
  readonly id: string;
  readonly title: Localized;
  readonly folder: string;
  readonly exercises: readonly Exercise[];
  /** The id of the one exercise for who is in a hurry. */
  readonly fast: string;
}

/** A folder `chapters/03-networking/01-pod-network/no-nat`. */
export interface Exercise {
  readonly id: string;
  /** The folder below `chapters`, `solutions` and `answers` alike: `03-networking/01-pod-network/no-nat`. */
  readonly path: string;
  /** The absolute folder under `chapters`. */
  readonly folder: string;
  readonly definition: ExerciseDefinition;
}
