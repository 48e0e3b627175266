/** Bytes that a client may leave unread before its stream is ended, as upstream ends watchers that lag behind. */
export const maxUnreadBytes = 64 * 1024 * 1024;
