/** Where the API has a version of a policy. */
export function versionPath(policy: string, version: string): string {
  return `/v1/policies/${encodeURIComponent(policy)}/versions/${encodeURIComponent(version)}`;
}
