/** A `dispatching.yml`, checked. Absent keys are absent here too: what they mean is decided where the file is used. */
export interface DispatchingFile {
  readonly outbound: readonly OutboundRule[];
  readonly inbound: readonly InboundRule[];
}

export interface OutboundRule {
  /** Its `id`, or its place in the file, as `outbound[2]`. */
  readonly name: string;
  readonly source: {
    readonly workflows: readonly string[];
    readonly conclusions?: readonly string[] | undefined;
    readonly branches?: readonly string[] | undefined;
    readonly events?: readonly string[] | undefined;
  };
  readonly targets: readonly OutboundTarget[];
}

export interface OutboundTarget {
  /** Absent: the owner of the file's repository. */
  readonly owner?: string | undefined;
  readonly repo: string;
  readonly workflow: string;
  readonly ref?: string | undefined;
  /** Values may hold templates; booleans are written as text. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly enabled: boolean;
}

export interface InboundRule {
  readonly name: string;
  readonly source: {
    /** Absent: the owner of the file's repository. Always literal. */
    readonly owner?: string | undefined;
    /** May be a glob; `*` stays within the owner. */
    readonly repo: string;
    /** Base names, or `*`. */
    readonly workflows: readonly string[];
    readonly conclusions?: readonly string[] | undefined;
    readonly branches?: readonly string[] | undefined;
    readonly events?: readonly string[] | undefined;
  };
  readonly targets: readonly InboundTarget[];
}

export interface InboundTarget {
  readonly workflow: string;
  readonly refs?: readonly string[] | undefined;
  readonly acceptInputs: readonly string[];
}

/** One thing that is wrong with a file: where, as a path such as `outbound[0].targets[1].ref` (empty: the whole file), with its line from 1 when known. */
export interface FileProblem {
  readonly path: string;
  readonly line?: number | undefined;
  readonly message: string;
}

/** `warnings`: what is allowed to stand there, but will never start anything. */
export type FileReading =
  | { readonly kind: 'valid'; readonly file: DispatchingFile; readonly warnings?: readonly FileProblem[] | undefined }
  | { readonly kind: 'invalid'; readonly problems: readonly FileProblem[] };
