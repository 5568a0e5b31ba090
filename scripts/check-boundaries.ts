import { checkBoundaries } from './boundaries.ts';

const { violations, files, seen } = await checkBoundaries(
  process.cwd(),
  `${process.cwd()}/.dependency-cruiser.cjs`,
);
for (const violation of violations) console.error(violation);
if (seen < files) console.error(`only ${seen} of ${files} source files were looked at`);
else console.log(`${seen} source files, ${violations.length} imports that are not allowed`);
process.exitCode = violations.length === 0 && seen >= files ? 0 : 1;
