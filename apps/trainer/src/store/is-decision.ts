/**
 * Whether event `e` is a decision, said so that no index of decisions alone is thought of: of one event by its id, such an
 * index is read from its beginning to its end.
 */
export const IS_DECISION = `e.type || '' = 'decision'`;
