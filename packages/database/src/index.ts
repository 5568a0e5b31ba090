export { ArrayParameter, type ElementType } from './binary/array-parameter.ts';
export { maskUrl, partsOf } from './connection-url.ts';
export { type Database, type DatabaseOptions, createDatabase } from './database.ts';
export { DatabaseError, codeOf, isConnectionLost } from './database-error.ts';
export { registerConsumer } from './deliveries/consumers.ts';
export { type Delivery, claimDeliveries, countDeliveries } from './deliveries/deliveries.ts';
export { readSettled } from './deliveries/settled.ts';
export { hearsNotifications, isDirect } from './direct-connection.ts';
export { newId } from './ids.ts';
export { type JobContext, JobInterrupted, type JobKind, JobRefused, type JobWork } from './jobs/job-kind.ts';
export { type JobQueue, openJobQueue } from './jobs/job-queue.ts';
export { type Jobs, createJobs } from './jobs/jobs.ts';
export { type InstallationFinding, checkInstallation, checkNotifications } from './installation-check.ts';
export { type MigrateOptions, migrate, seed, withOwner } from './migrate.ts';
export { MigrateError } from './migrate-error.ts';
export { InstallationRefused, databaseReadiness } from './readiness.ts';
export { type Notifications, type NotificationsOptions, createNotifications } from './notifications.ts';
export { type AuditEntry, writeAudit } from './tenancy/audit-log.ts';
export {
  type FreshKey,
  type KeyManagement,
  createKeyManagement,
  storeKey,
  storeOperatorKey,
} from './tenancy/key-management.ts';
export { type StoredKey, createKeyStore } from './tenancy/key-store.ts';
export { closeTenant, findTenant, insertTenant, listAllTenants, listTenants } from './tenancy/tenants.ts';
export type { DatabaseRole, Transaction, TransactionOptions } from './transaction.ts';
