export { type Certificates, makeCertificates } from './postgres/certificates.ts';
export { urlFor } from './postgres/database-url.ts';
export { startEmbedded } from './postgres/embedded-server.ts';
export { type Pooler, startPgBouncer } from './postgres/pgbouncer.ts';
export type { PostgresServer } from './postgres/postgres-server.ts';
export { type TestDatabase, createTestDatabase } from './postgres/test-database.ts';
export { findProgram } from './program.ts';
export { type CuttingProxy, startProxy } from './proxy.ts';
export { runsLong } from './long.ts';
