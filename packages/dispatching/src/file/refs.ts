const FORBIDDEN = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|^[/-]|[/.]$|(?:^|\/)\.|\.lock(?:\/|$)|^@$/;
const COMMIT = /^(?:[\da-f]{40}|[\da-f]{64})$/i;

/** Why a text can be no branch and no tag (git check-ref-format, at most 255 characters, no commit id); undefined when it can. */
export function refProblem(ref: string): string | undefined {
  if (ref === '' || ref.length > 255) return 'a ref has 1 to 255 characters';
  if (COMMIT.test(ref)) return 'GitHub dispatches on a branch or a tag, not on a commit: name the branch';
  return FORBIDDEN.test(ref) ? 'this can be no branch and no tag: see git check-ref-format' : undefined;
}
