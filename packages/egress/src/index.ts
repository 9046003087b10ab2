export { type Cidr, parseAllowList } from './cidr.ts';
export { egressVariables } from './config.ts';
export { whyForbidden } from './forbidden-address.ts';
export { type EgressPolicy, judgeUrl, type UrlVerdict } from './url-policy.ts';
