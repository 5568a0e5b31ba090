import { isKey } from '../object-key.ts';
import type { ListPage, ListedObject } from '../object-store.ts';
import type { S3Connection } from './connection.ts';

/** One page. Keys that this store would not have written, such as folders made by a console, are left out. */
export async function listObjects(
  { client, bucket, ask }: S3Connection,
  prefix: string,
  after: string,
  limit: number,
): Promise<ListPage> {
  const objects: ListedObject[] = [];
  let from = after;
  for (;;) {
    const page = await ask(`cannot list ${prefix}`, () =>
      client.listObjectsV2Query(bucket, prefix, '', '', limit - objects.length, from),
    );
    for (const { name, size, lastModified } of page.objects) {
      if (name === undefined) continue;
      from = name;
      if (isKey(name) && lastModified) objects.push({ key: name, size, lastModified });
    }
    if (!page.isTruncated || page.objects.length === 0) return { objects };
    if (objects.length >= limit) return { objects, next: from };
  }
}
