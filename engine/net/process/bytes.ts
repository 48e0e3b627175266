/** Pieces of bytes as they come from pipes and sockets. */

/** Joins pieces of bytes into one: the piece itself where the others are empty. */
export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  let longest: Uint8Array | undefined;
  for (const piece of pieces) {
    length += piece.length;
    if (longest === undefined || piece.length > longest.length) longest = piece;
  }
  if (longest !== undefined && longest.length === length) return longest;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const piece of pieces) {
    joined.set(piece, offset);
    offset += piece.length;
  }
  return joined;
}
