import { isCore, judgeImport, mayReadEnvironment } from './layers.ts';
import {
  fileOf,
  isNamed,
  type Expression,
  type Invocation,
  type MemberExpression,
  type ModuleReference,
  type RuleContext,
} from './syntax.ts';

/** Parts of node:crypto that are pure: the same input always gives the same output. */
const PURE_CRYPTO = new Set([
  'createHash',
  'createHmac',
  'hash',
  'timingSafeEqual',
  'createPrivateKey',
  'createPublicKey',
  'createSecretKey',
  'KeyObject',
  'hkdfSync',
  'scryptSync',
  'sign',
  'verify',
]);

/** Members that read the clock, chance or the machine. */
const IMPURE_MEMBERS: Readonly<Record<string, readonly string[] | 'all'>> = {
  Date: ['now'],
  Math: ['random'],
  performance: 'all',
  process: 'all',
  console: 'all',
  crypto: 'all',
};

const IMPURE_CALLS = ['fetch', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'];

function importedName(specifier: { readonly imported?: Expression; readonly type: string }): string {
  return specifier.imported?.type === 'Identifier' ? specifier.imported.name : '*';
}

function judgeCrypto(context: RuleContext, node: ModuleReference): void {
  const impure = (node.specifiers ?? []).map(importedName).filter((name) => !PURE_CRYPTO.has(name));
  if (impure.length > 0) context.report({ node, message: `${impure.join(', ')} of node:crypto is not pure: pass it in` });
}

function judgeReference(context: RuleContext, node: ModuleReference): void {
  if (node.source?.type !== 'Literal' || typeof node.source.value !== 'string') return;
  const specifier = node.source.value;
  const typeOnly = node.importKind === 'type' || node.exportKind === 'type' || node.type === 'TSImportType';
  const file = fileOf(context);
  const message = judgeImport({ file, specifier, typeOnly });
  if (message !== undefined) context.report({ node, message });
  if (specifier === 'node:crypto' && isCore(file) && !typeOnly) judgeCrypto(context, node);
}

/** `waybill/layers`: which file may import which (the table is in layers.ts). */
export const layers = {
  create(context: RuleContext) {
    const judge = (node: ModuleReference): void => judgeReference(context, node);
    return {
      ImportDeclaration: judge,
      ExportNamedDeclaration: judge,
      ExportAllDeclaration: judge,
      ImportExpression: judge,
      TSImportType: judge,
    };
  },
};

function impureMember(node: MemberExpression): string | undefined {
  if (node.object.type !== 'Identifier' || node.property.type !== 'Identifier') return undefined;
  const forbidden = IMPURE_MEMBERS[node.object.name];
  const isImpure = forbidden === 'all' || (forbidden?.includes(node.property.name) ?? false);
  return isImpure ? `${node.object.name}.${node.property.name}` : undefined;
}

function impureInvocation(node: Invocation): string | undefined {
  if (isNamed(node.callee, 'Date') && (node.arguments.length === 0 || node.type === 'CallExpression')) return 'the present time';
  return IMPURE_CALLS.find((name) => isNamed(node.callee, name));
}

/** `waybill/pure-core`: no clock, no chance, no environment and no I/O in `domain/` and `application/`; they come in as ports. */
export const pureCore = {
  create(context: RuleContext) {
    if (!isCore(fileOf(context))) return {};
    const complain = (node: object, what: string | undefined): void => {
      if (what !== undefined) context.report({ node, message: `${what} does not belong here: pass it in as a port` });
    };
    return {
      MemberExpression: (node: MemberExpression) => complain(node, impureMember(node)),
      CallExpression: (node: Invocation) => complain(node, impureInvocation(node)),
      NewExpression: (node: Invocation) => complain(node, impureInvocation(node)),
    };
  },
};

/** True for a default that the caller may replace: `(env = process.env)` and `options.env ?? process.env`. */
const isReplaceable = (node: MemberExpression): boolean =>
  node.parent?.type === 'AssignmentPattern' || node.parent?.type === 'LogicalExpression';

/** `waybill/environment`: `process.env` is read by the config loader and the entry points, or is a default that can be replaced. */
export const environment = {
  create(context: RuleContext) {
    if (mayReadEnvironment(fileOf(context))) return {};
    return {
      MemberExpression(node: MemberExpression) {
        const reads = isNamed(node.object, 'process') && isNamed(node.property, 'env');
        if (!reads || isReplaceable(node)) return;
        context.report({ node, message: 'process.env is read by the config loader and main.ts only: take the value as an argument' });
      },
    };
  },
};
