/**
 * Where a character of a YAML text value stands in the file. Folding and indentation change white space only, so it is
 * found by counting all other characters.
 * @param start offset of the value in the file, which is that of its quotation mark, `|` or `>` if it has one
 * @param offset of the character in the value
 */
export function placeInScalar(text: string, start: number, value: string, offset: number): number {
  let at = start;
  const mark = text.charAt(at);
  if (mark === '|' || mark === '>') {
    const lineEnd = text.indexOf('\n', at);
    at = lineEnd === -1 ? text.length : lineEnd + 1;
  } else if (mark === '"' || mark === "'") at += 1;
  let before = value.slice(0, offset).replaceAll(/\s/g, '').length;
  for (; at < text.length; at += 1) {
    if (/\s/.test(text.charAt(at))) continue;
    if (before === 0) return at;
    before -= 1;
    // What is escaped has other lengths here and there; the beginning of the value is as near as it gets then.
    if (mark === '"' && text.charAt(at) === '\\') return start;
  }
  return start;
}
