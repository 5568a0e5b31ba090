/** Names a version over all tenants. */
export interface VersionKey {
  tenant_id: string;
  policy: string;
  version: string;
}
