/** `-m comment`: words for readers; every packet matches. */
import { type Extension, quoteArgument } from '../extension.ts';

/** What a rule holds of it: every test that is present has to be passed. */
export interface CommentMatch {
  readonly kind: 'comment';
  readonly text: string;
}

/** Longer comments are cut. Source: XT_MAX_COMMENT_LEN in linux/netfilter/xt_comment.h, with its final zero byte. */
const maxLength = 255;

/** How `-m comment` is read. */
export const commentExtension: Extension<CommentMatch> = {
  name: 'comment',
  options: [{ name: '--comment', mandatory: true }],
  build: (values) =>
    Object.freeze({ kind: 'comment', text: (values.text('--comment') ?? '').slice(0, maxLength) }),
};

/** Its options as `iptables-save` prints them, with a space before each. */
export function saveComment(match: CommentMatch): string {
  return ` --comment ${match.text === '' ? '""' : quoteArgument(match.text)}`;
}

/** As `iptables -L` shows it. */
export function listComment(match: CommentMatch): string {
  return `/* ${match.text} */`;
}
