/** Container images as a table: what a registry would serve. */
import type { FileLayer } from '../../net/linux.ts';

export interface Image {
  /** Canonical: `docker.io/library/nginx:1.27`. */
  readonly reference: string;
  /** `sha256:` and 64 hexadecimal digits, made from the reference. */
  readonly id: string;
  readonly layers: readonly FileLayer[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly workingDirectory: string;
  readonly sizeBytes: number;
}
