/** Names of images, as far as kubectl looks at them before it sends them. */

/** Whether a text can name an image. Source: github.com/distribution/reference: host[:port]/path, tag, digest. */
export function isImageReference(image: string): boolean {
  const [withoutDigest = '', digest, more] = image.split('@');
  if (more !== undefined) return false;
  if (
    digest !== undefined &&
    !/^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/.test(digest)
  )
    return false;
  const slash = withoutDigest.lastIndexOf('/');
  const [last = '', tag, extra] = withoutDigest.slice(slash + 1).split(':');
  if (extra !== undefined || (tag !== undefined && !/^\w[\w.-]{0,127}$/.test(tag))) return false;
  const parts = [...(slash < 0 ? [] : withoutDigest.slice(0, slash).split('/')), last];
  return parts.every((part, index) => {
    if (index === 0 && parts.length > 1 && /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d+)?$/.test(part))
      return true;
    return /^[a-z0-9]+$/.test(part.replaceAll(/(?<=[a-z0-9])(?:[._]|__|-+)(?=[a-z0-9])/g, ''));
  });
}
