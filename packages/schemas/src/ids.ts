import { z } from 'zod';
import { worded } from './wording.ts';

/** A UUID of any version, lower case. Tenants carry one. */
export const uuidSchema = z
  .string(worded)
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, 'must be a UUID in lower case')
  .meta({ description: 'A UUID in lower case.', examples: ['01890a5d-ac96-774b-bcce-b302099a8057'] });

/** A UUIDv7: its first 48 bits are the millisecond in which it was made. Events, decisions and runs carry one. */
export const uuidV7Schema = z
  .string(worded)
  .regex(
    /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    'must be a UUIDv7 in lower case',
  )
  .meta({
    description: 'A UUIDv7 in lower case; it begins with the millisecond in which it was made.',
    examples: ['019aadf0-6a00-7c3e-9d2b-5f0c1a2b3c4d'],
  });

/** The name of a policy, a version or a tenant's slug: what people type and read in URLs. */
export const nameSchema = z
  .string(worded)
  .regex(
    /^[a-z0-9][a-z0-9-]{0,62}$/,
    'must be 1 to 63 of a-z, 0-9 and "-", and begin with a letter or a digit',
  )
  .meta({ description: 'Lower-case name, 1 to 63 characters.', examples: ['support-draft'] });
