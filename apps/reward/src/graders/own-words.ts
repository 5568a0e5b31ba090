/** Lines that begin a quoted message, in English, German and French. */
const QUOTES: readonly RegExp[] = [
  /^-{2,} ?(original message|forwarded message|ursprüngliche nachricht|message d'origine) ?-{2,}$/,
  /^on .{1,200} wrote:$/,
  /^am .{1,200} schrieb.{0,200}:$/,
  /^le .{1,200} a écrit ?:$/,
];
const GREETING =
  /^(hi|hello|hey|dear|good (morning|afternoon|evening)|hallo|guten (tag|morgen|abend)|sehr geehrte[rs]?|liebe[rs]?|bonjour|bonsoir|salut|cher|chère)( [^\s,.!:;]+){0,4} ?[,!:]?$/;
/** A greeting that goes on in its line: "Hello Ada, your refund …". */
const GREETING_BEFORE_TEXT =
  /^(hi|hello|hey|dear|hallo|guten tag|sehr geehrte[rs]?|liebe[rs]?|bonjour)( [^\s,.!:;]+){0,3}[,!] ?(?=\S)/i;
const CLOSING =
  /^((with )?(best|kind|warm|many) (regards|wishes|thanks)|regards|best|cheers|sincerely|yours (sincerely|faithfully|truly)|(mit )?(freundlichen|besten|vielen|herzlichen|schönen) grüßen?|(viele|beste|liebe|herzliche|schöne|freundliche) grüße|mfg|lg|cordialement|bien cordialement|sincères salutations|bonne journée) ?[,.!]?$/;
const SENT_FROM = /^(sent from my|gesendet von meinem|envoyé de mon) .{1,60}$/;
/** A signature has a name and perhaps a role, an address and a number, and no more. */
const SIGNATURE_LINES = 6;
const LONGEST_LINE = 240;

/**
 * What a person wrote of a message: without the greeting, the signature and what it quotes, white space as single
 * blanks. Each line is looked at by itself and long ones are not looked at, so the time grows with the text alone.
 */
export function ownWords(text: string): string {
  const lines: string[] = [];
  for (const given of text.split(/\r\n|\r|\n/)) {
    const line = collapsed(given);
    const plain = line.length > LONGEST_LINE ? '' : line.toLowerCase();
    // All that follows is the other message.
    if (QUOTES.some((quote) => quote.test(plain))) break;
    if (line.startsWith('>')) continue;
    lines.push(line);
  }
  const kept = withoutSignature(withoutGreeting(lines));
  return collapsed(kept.join(' '));
}

function withoutGreeting(lines: readonly string[]): string[] {
  const first = lines.findIndex((line) => line !== '');
  const line = lines[first];
  if (line === undefined) return [];
  const rest = lines.slice(first + 1);
  if (line.length <= LONGEST_LINE && GREETING.test(line.toLowerCase())) return rest;
  const start = line.slice(0, LONGEST_LINE);
  return [start.replace(GREETING_BEFORE_TEXT, '') + line.slice(LONGEST_LINE), ...rest];
}

function withoutSignature(lines: readonly string[]): string[] {
  const dashes = lines.findIndex((line) => line === '--');
  // A closing, and what a program wrote below it; more than that is the text itself.
  const once = withoutClosing(dashes === -1 ? lines : lines.slice(0, dashes));
  return withoutClosing(once);
}

function withoutClosing(lines: readonly string[]): string[] {
  let filled = 0;
  // From behind: a closing may stand in the middle of what is said.
  for (let index = lines.length - 1; index >= 0 && filled < SIGNATURE_LINES; index -= 1) {
    const line = lines[index] ?? '';
    if (line === '') continue;
    filled += 1;
    if (line.length > LONGEST_LINE) break;
    if (CLOSING.test(line.toLowerCase()) || SENT_FROM.test(line.toLowerCase())) return lines.slice(0, index);
  }
  return [...lines];
}

function collapsed(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
