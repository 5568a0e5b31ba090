const ORIGIN = /^(https?:\/\/)([a-z0-9.-]+)(:\d{1,5})?$/;

/**
 * Whether a page of `origin` may use a key with these allowed origins. `https://*.shop.example` allows any depth of
 * subdomain and not `https://shop.example` itself; scheme and port must be the same.
 */
export function originAllowed(origin: string, allowed: readonly string[]): boolean {
  const match = ORIGIN.exec(origin.toLowerCase());
  if (!match) return false;
  const [whole, scheme = '', host = '', port = ''] = match;
  return allowed.some((pattern) => {
    if (pattern === whole) return true;
    const start = `${scheme}*.`;
    if (!pattern.startsWith(start) || !pattern.endsWith(port)) return false;
    // With its dot, so that `evilshop.example` is no subdomain of `shop.example`.
    const suffix = pattern.slice(start.length - 1, pattern.length - port.length);
    return !suffix.includes(':') && host.endsWith(suffix) && host.length > suffix.length;
  });
}
