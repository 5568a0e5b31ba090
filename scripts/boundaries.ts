import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type ICruiseOptions, type ICruiseResult, type IFlattenedRuleSet, cruise } from 'dependency-cruiser';
import { Visitor } from '@swc/core/Visitor.js';
import extractConfig from 'dependency-cruiser/config-utl/extract-depcruise-config';

// The visitor of @swc/core gives up at a `using` declaration, which it does not know. There is no import in one.
const known: Visitor['visitStatement'] = Reflect.get(Visitor.prototype, 'visitStatement');
Visitor.prototype.visitStatement = function visitKnown(statement) {
  const kind: string = statement.type;
  return kind === 'UsingDeclaration' ? statement : Reflect.apply(known, this, [statement]);
};

export interface BoundaryReport {
  /** One line for each import that is not allowed. */
  violations: string[];
  /** Source files that are there. */
  files: number;
  /** Source files that were looked at: all of them, or the check is worth nothing. */
  seen: number;
}

/** Holds the imports of `apps`, `packages` and `scripts` below `root` against the table of who may import whom. */
export async function checkBoundaries(root: string, configuration: string): Promise<BoundaryReport> {
  const { forbidden, options } = (await extractConfig(configuration)) as {
    forbidden: IFlattenedRuleSet['forbidden'];
    options: ICruiseOptions;
  };
  const folders = ['apps', 'packages', 'scripts'].filter((folder) => readdirSync(root).includes(folder));
  const { output } = await cruise(folders, {
    ...options,
    baseDir: root,
    ruleSet: { ...(forbidden && { forbidden }) },
    validate: true,
  });
  const result = output as ICruiseResult;
  const sources = folders
    .flatMap((folder) => sourceFiles(join(root, folder)))
    .map((path) => relative(root, path));
  const cruised = new Set(result.modules.map((module) => module.source));
  return {
    violations: result.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`),
    files: sources.length,
    seen: sources.filter((path) => cruised.has(path)).length,
  };
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.name === 'node_modules' || entry.name.startsWith('.')) return [];
    if (entry.isDirectory()) return sourceFiles(path);
    return entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts') ? [path] : [];
  });
}
