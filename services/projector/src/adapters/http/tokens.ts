/** Injection tokens of the controllers. */
export const READER = Symbol('reader');
export const READ_PAYLOAD = Symbol('read payload');
export const READ_FILES = Symbol('read files');
export const STREAM_STATE = Symbol('stream state');
export const READ_UP_TO = Symbol('read up to');
export const LIVE = Symbol('live');
export const REBUILDER = Symbol('rebuilder');
