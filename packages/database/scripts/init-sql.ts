// Writes config/db/init.sql; a check fails when the committed file is not what this writes.
import { writeFile } from 'node:fs/promises';
import { SQL_FOLDER } from '../src/files.ts';
import { initSql } from '../src/init-sql.ts';

await writeFile(`${SQL_FOLDER}init.sql`, await initSql());
