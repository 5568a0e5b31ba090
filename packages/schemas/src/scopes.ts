import { z } from 'zod';

/**
 * What a key may do. `admin` stands for every scope within its own tenant; the routes that manage tenants
 * want an operator key, which belongs to no tenant and has no other power.
 */
export const scopes = [
  'decide',
  'events:write',
  'events:read',
  'events:replay',
  'events:import',
  'erasure',
  'policies:read',
  'policies:write',
  'rewards:read',
  'rewards:write',
  'rollouts:read',
  'rollouts:write',
  'admin',
] as const;

/** A scope of an API key. */
export const scopeSchema = z.enum(scopes).meta({ id: 'Scope', description: 'What a key may do.' });
export type Scope = z.infer<typeof scopeSchema>;
