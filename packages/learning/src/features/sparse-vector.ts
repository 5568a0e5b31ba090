/** Features of one action in one context, hashed: `values[i]` at weight `indices[i]`. */
export interface SparseVector {
  readonly indices: Uint32Array;
  readonly values: Float64Array;
}
