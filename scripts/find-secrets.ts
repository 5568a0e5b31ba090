/** A text that must not be committed. */
export interface Secret {
  line: number;
  kind: string;
}

const KINDS: readonly { kind: string; pattern: RegExp }[] = [
  { kind: 'a private key', pattern: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/ },
  { kind: 'an API key of RLaaS', pattern: /rlk_[0-9A-Za-z]{12}_[0-9A-Za-z]{32}/ },
  { kind: 'a cloud access key', pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/ },
  { kind: 'a token of a code host', pattern: /\bgh[pousr]_[0-9A-Za-z]{36,}\b/ },
  { kind: 'a key of a model provider', pattern: /\bsk-[0-9A-Za-z_-]{32,}\b/ },
  {
    kind: 'a long random value of a secret',
    pattern:
      /(?:[Ss]ecret|SECRET|[Tt]oken|TOKEN|[Pp]assword|PASSWORD|[Aa]pi_?[Kk]ey|API_?KEY)["']?\s*[:=]\s*["']?(?:[0-9a-f]{32,}|(?=[^\s"']*[0-9])(?=[^\s"']*[a-z])(?=[^\s"']*[A-Z])[0-9A-Za-z+/_-]{32,})/,
  },
];

/** A key of one character repeated is an example in a test and opens nothing. */
const EXAMPLE = /rlk_(.)\1{11}_\1{32}|(.)\2{31}/;

/** Finds texts in a file that look like secrets. */
export function findSecrets(text: string): Secret[] {
  const found: Secret[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const match = KINDS.find(({ pattern }) => pattern.test(line));
    if (match && !EXAMPLE.test(line)) found.push({ line: index + 1, kind: match.kind });
  }
  return found;
}
