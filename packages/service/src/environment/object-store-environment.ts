import { z } from 'zod';
import { urlField } from './fields.ts';

/** What services read that keep objects: a directory, or S3 when an endpoint is given. */
export const objectStoreEnvironment = {
  /** Folder of objects on one machine; not read when S3_ENDPOINT is set. */
  OBJECT_STORE_DIR: z.string().min(1).default('.rlaas/objects'),
  S3_ENDPOINT: urlField(['http:', 'https:']).optional(),
  S3_REGION: z.string().min(1).default('us-east-1'),
  S3_BUCKET: z.string().min(1).default('rlaas'),
  S3_ACCESS_KEY_ID: z.string().optional(),
  S3_SECRET_ACCESS_KEY: z.string().optional(),
};

type ObjectStoreVariables = z.infer<z.ZodObject<typeof objectStoreEnvironment>>;

/** The same as the configuration of an object store. */
export function objectStoreConfiguration(env: ObjectStoreVariables) {
  if (env.S3_ENDPOINT === undefined) return { kind: 'directory' as const, root: env.OBJECT_STORE_DIR };
  return {
    kind: 's3' as const,
    endpoint: env.S3_ENDPOINT,
    region: env.S3_REGION,
    bucket: env.S3_BUCKET,
    accessKeyId: env.S3_ACCESS_KEY_ID ?? '',
    secretAccessKey: env.S3_SECRET_ACCESS_KEY ?? '',
    createBucket: true,
  };
}
