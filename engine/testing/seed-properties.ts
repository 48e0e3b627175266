/**
 * The random cases of property tests are drawn from one seed, so that a run shows what its change did and no other find;
 * `KUBEDRILL_SEED=NUMBER` draws others, `KUBEDRILL_SEED=random` new ones at each run.
 */
import { configureGlobal } from 'fast-check';

const asked = process.env.KUBEDRILL_SEED ?? '1';
if (asked !== 'random') configureGlobal({ seed: Number(asked) });
