/** Shows in the `User-Agent` of every request; equal to the version of this package, which a spec checks. */
export const DISPATCHER_VERSION = '0.1.0';
