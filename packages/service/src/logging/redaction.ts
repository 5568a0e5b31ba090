const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'x-rlaas-internal-token',
  'ocp-apim-subscription-key',
  'key',
  'apiKey',
  'api_key',
  'password',
  'secret',
  'token',
  'internalToken',
];

/** Where pino replaces a value: every secret field of a log object, and of objects one and two levels into it. */
export const redactedPaths: readonly string[] = SECRET_FIELDS.flatMap((field) => {
  const member = `["${field}"]`;
  return [member, `*${member}`, `*.*${member}`];
});
