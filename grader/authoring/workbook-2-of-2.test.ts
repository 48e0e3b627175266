import { checkShare } from './testing/check-share.ts';

await checkShare(1, 2);
