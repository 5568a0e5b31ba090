// Refuses documents that point at files of this repository which are not there.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repositoryFiles } from './repository-files.ts';

const LINK = /\]\(([^)\s]+)\)/g;
const problems: string[] = [];
for (const path of repositoryFiles()) {
  if (!path.endsWith('.md') || !existsSync(path)) continue;
  // What stands in code is no link.
  const text = readFileSync(path, 'utf8').replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, '');
  for (const [, target = ''] of text.matchAll(LINK)) {
    if (/^(?:[a-z]+:|#)/.test(target)) continue;
    const [file = ''] = target.split('#');
    if (!existsSync(join(dirname(path), file))) problems.push(`${path}: ${target} is not there`);
  }
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
