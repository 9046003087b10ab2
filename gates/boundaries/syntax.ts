/** The few pieces of the linter's syntax tree that the boundary rules look at (ESTree names; the linter exports no types for plugins). */
export interface Identifier {
  readonly type: 'Identifier';
  readonly name: string;
}

export interface Literal {
  readonly type: 'Literal';
  readonly value: unknown;
}

interface OtherNode {
  readonly type: 'Other';
}

export type Expression = Identifier | Literal | OtherNode;

export interface MemberExpression {
  readonly type: 'MemberExpression';
  readonly object: Expression;
  readonly property: Expression;
  readonly parent?: { readonly type: string };
}

/** A call or a `new`. */
export interface Invocation {
  readonly type: 'CallExpression' | 'NewExpression';
  readonly callee: Expression;
  readonly arguments: readonly unknown[];
}

/** `import … from`, `export … from`, `import()` and the `import('…')` type all carry their specifier in `source`. */
export interface ModuleReference {
  readonly type: string;
  readonly source: Expression | null;
  readonly importKind?: 'type' | 'value';
  readonly exportKind?: 'type' | 'value';
  readonly specifiers?: readonly { readonly imported?: Expression; readonly type: string }[];
}

/** What a rule gets: the file it looks at and the way to complain. */
export interface RuleContext {
  readonly filename: string;
  readonly cwd: string;
  report(finding: { readonly node: object; readonly message: string }): void;
}

/** True for the plain name `name`, not for a property or a string. */
export const isNamed = (node: Expression, name: string): boolean => node.type === 'Identifier' && node.name === name;

/** The path of the file under lint, relative to the folder the linter was started in, with forward slashes. */
export function fileOf(context: RuleContext): string {
  return context.filename.slice(context.cwd.length + 1).replaceAll('\\', '/');
}
