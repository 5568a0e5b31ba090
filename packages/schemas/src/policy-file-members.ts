import { z } from 'zod';

/** The members that an object may have at a place, as its schema says; none where there is no object. */
export function membersAt(schema: z.core.$ZodType, value: unknown, path: readonly PropertyKey[]): string[] {
  const plain = withoutWrapping(schema, value);
  const [step, ...rest] = path;
  if (step === undefined) return plain instanceof z.ZodObject ? Object.keys(plain.shape) : [];
  const inner = stepInto(plain, step);
  return inner ? membersAt(inner, memberOf(value, step), rest) : [];
}

function stepInto(schema: z.core.$ZodType, step: PropertyKey): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodObject) return (schema.shape as z.core.$ZodShape)[String(step)];
  if (schema instanceof z.ZodArray) return schema.element;
  return undefined;
}

function withoutWrapping(schema: z.core.$ZodType, value: unknown): z.core.$ZodType {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return withoutWrapping(schema.unwrap(), value);
  }
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const kind = memberOf(value, schema.def.discriminator);
    const option = schema.options.find((candidate) => {
      const literal = stepInto(candidate, schema.def.discriminator);
      return literal instanceof z.ZodLiteral && literal.values.has(kind as z.core.util.Literal);
    });
    return option ?? schema;
  }
  return schema;
}

function memberOf(value: unknown, step: PropertyKey): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<PropertyKey, unknown>)[step]
    : undefined;
}
