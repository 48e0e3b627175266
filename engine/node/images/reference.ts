/** Image references as containerd reads them. Source: distribution/reference, "Grammar" and "ParseDockerRef". */
import { err, ok, type Result } from '../../base/result.ts';

/** A canonical reference taken apart. */
export interface ImageReference {
  /** `docker.io/library/nginx`. */
  readonly repository: string;
  readonly tag: string;
  /** `sha256:…`, for a reference by digest; the tag is ignored then. */
  readonly digest?: string;
}

/** Takes a reference apart, or says in the words of distribution/reference why it is none. */
export function parseImageReference(text: string): Result<ImageReference, string> {
  const invalid = (why = '') => err(`invalid reference format${why}`);
  if (text.length > 512) return invalid();
  const [name = '', digest] = text.split('@');
  const slash = name.lastIndexOf('/');
  const colon = name.indexOf(':', slash + 1);
  const path = colon < 0 ? name : name.slice(0, colon);
  const tag = colon < 0 ? 'latest' : name.slice(colon + 1);
  const [first = '', ...rest] = path.split('/');
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost' || /[A-Z]/.test(first));
  const host = hasHost && first !== 'index.docker.io' ? first : 'docker.io';
  const repository = hasHost ? rest.join('/') : path;
  if (repository !== repository.toLowerCase()) {
    const shown = rest.length === 0 ? `library/${repository}` : repository;
    return invalid(`: repository name (${shown}) must be lowercase`);
  }
  if (!repository.split('/').every((part) => /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/.test(part)))
    return invalid();
  if (!/^\w[\w.-]{0,127}$/.test(tag)) return invalid();
  if (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest)) return invalid();
  const isOfficial = host === 'docker.io' && !repository.includes('/');
  return ok({
    repository: `${host}/${isOfficial ? 'library/' : ''}${repository}`,
    tag,
    ...(digest === undefined ? {} : { digest }),
  });
}

/** A reference in its canonical form. */
export function formatImageReference({ repository, tag, digest }: ImageReference): string {
  return digest === undefined ? `${repository}:${tag}` : `${repository}@${digest}`;
}
