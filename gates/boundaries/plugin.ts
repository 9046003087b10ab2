import { environment, layers, pureCore } from './rules.ts';

/** The linter plugin of this repository. A default export because the linter asks for one. */
export default { meta: { name: 'waybill' }, rules: { layers, 'pure-core': pureCore, environment } };
