/** What the table of images says of each repository. */
import type { FileLayer } from '../../net/linux.ts';

/** Bytes of a megabyte, as registries count. */
export const megabyte = 1_000_000;

/** What an image of one tag is made of. */
export interface ImageContents {
  readonly layers: readonly FileLayer[];
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly env?: readonly (readonly [string, string])[];
  readonly workingDirectory?: string;
}

/** One repository. */
export interface ImageEntry {
  /** Tags that are listed, the one to be suggested first. */
  readonly tags: readonly string[];
  /** Further tags that the real repository has. */
  readonly otherTags?: RegExp;
  readonly sizeBytes: number;
  build(tag: string): ImageContents;
}
