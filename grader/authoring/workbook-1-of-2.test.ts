import { checkShare } from './testing/check-share.ts';

await checkShare(0, 2);
