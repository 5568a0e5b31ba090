import { rm } from 'node:fs/promises';
import { accountForPostgres } from './account.ts';
import { stopLeftover } from './leftover.ts';
import { dataPlace } from './placement.ts';

/** Forgets the data that an embedded Postgres keeps for this folder, ending a server that still runs on them. */
export async function removeData(dataFolder: string): Promise<void> {
  const place = dataPlace(dataFolder, accountForPostgres());
  await stopLeftover(place);
  await rm(place, { recursive: true, force: true });
  await rm(`${place}.log`, { force: true });
}
