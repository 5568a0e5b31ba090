export { type Account, accountForPostgres } from './account.ts';
export { findBinaries } from './binaries.ts';
export { type ClusterOptions, freePort } from './cluster.ts';
export { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';
export { EmbeddedPostgresError } from './embedded-postgres-error.ts';
export { removeData } from './remove-data.ts';
