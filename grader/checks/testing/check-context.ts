/** A check's surroundings in a cluster of the test's own. */
import type { Cluster, Shell } from '../../../engine/index.ts';
import type { Engine } from '../../engine.ts';
import type { CheckContext } from '../context.ts';

/** As if an answer without files had been graded there, and had touched the world. */
export function checkContext(engine: Engine, cluster: Cluster, shell: Shell): CheckContext {
  return {
    engine,
    cluster,
    world: cluster,
    namedObjects: new Set(),
    shell,
    files: new Map(),
    scripts: new Map(),
    isWorldTouched: true,
  };
}
