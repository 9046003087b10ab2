export * from './address-vectors.ts';
export * from './url-vectors.ts';
