/**
 * Image references as the container runtime reads them: `nginx` is `docker.io/library/nginx:latest`.
 * Source: github.com/distribution/reference, normalize.go (ParseDockerRef), which containerd uses.
 */

/** A reference with nothing left out. */
export interface ImageReference {
  /** `docker.io/library/nginx` */
  readonly repository: string;
  /** `latest` when neither tag nor digest is given. */
  readonly tag: string;
  /** With `sha256:`; the tag counts no more when there is one. */
  readonly digest?: string;
}

/** Reads a reference as a Pod gives it; undefined when it breaks the grammar. */
export function parseReference(text: string): ImageReference | undefined {
  const match = /^([^@]+?)(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(text);
  const name = match?.[1];
  if (name === undefined || text.length > 512) return undefined;
  const [first = '', ...rest] = name.split('/');
  const hasDomain = rest.length > 0 && (first.includes('.') || first.includes(':') || first === 'localhost');
  const domain = hasDomain ? first : 'docker.io';
  const path = hasDomain ? rest.join('/') : name;
  const isValid = path.split('/').every((part) => /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/.test(part));
  if (!isValid) return undefined;
  const repository =
    domain === 'docker.io' && !path.includes('/') ? `docker.io/library/${path}` : `${domain}/${path}`;
  const digest = match?.[3];
  return { repository, tag: match?.[2] ?? 'latest', ...(digest === undefined ? {} : { digest }) };
}

/** `docker.io/library/nginx:1.27`, or with its digest. */
export function formatReference({ repository, tag, digest }: ImageReference): string {
  return digest === undefined ? `${repository}:${tag}` : `${repository}@${digest}`;
}
