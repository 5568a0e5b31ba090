import type { ListOptions, ListedObject, ObjectStore } from './object-store.ts';

/**
 * All objects whose key begins with `prefix`, in the order of the keys' bytes, read page by page. Objects that come or
 * go meanwhile may be in it or not; all others are in it exactly once.
 */
export async function* listAll(
  store: Pick<ObjectStore, 'list'>,
  prefix: string,
  options: ListOptions = {},
): AsyncGenerator<ListedObject, void, undefined> {
  let after = options.after;
  for (;;) {
    const page = await store.list(prefix, { ...options, ...(after === undefined ? {} : { after }) });
    yield* page.objects;
    if (page.next === undefined) return;
    after = page.next;
  }
}
