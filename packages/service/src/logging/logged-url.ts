/**
 * A request's URL as it may be logged: without the `key` parameter, in which browsers pass a publishable key.
 * A name written with percent codes (`%6bey`) reaches the application as `key` too, so it is left out as well.
 */
export function loggedUrl(url: string): string {
  const start = url.indexOf('?');
  if (start === -1) return url;
  const kept = url
    .slice(start + 1)
    .split(/[&;]/)
    .filter((parameter) => !isKey(parameter.split('=', 1)[0] ?? ''));
  const path = url.slice(0, start);
  return kept.length === 0 ? path : `${path}?${kept.join('&')}`;
}

function isKey(name: string): boolean {
  if (name.length > 64) return false;
  const plain = name.replaceAll(/%([0-9a-f]{2})/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  return plain.trim().toLowerCase() === 'key';
}
