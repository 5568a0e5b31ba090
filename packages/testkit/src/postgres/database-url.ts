/** The same server with another database, user or password. */
export function urlFor(url: string, other: { database?: string; user?: string; password?: string }): string {
  const result = new URL(url);
  if (other.database !== undefined) result.pathname = `/${other.database}`;
  if (other.user !== undefined) result.username = encodeURIComponent(other.user);
  if (other.password !== undefined) result.password = encodeURIComponent(other.password);
  return result.toString();
}
