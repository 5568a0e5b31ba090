import type { IncomingMessage } from 'node:http';
import {
  JsonShape,
  RlaasError,
  type ServiceApp,
  invalidAt,
  invalidJson,
  tenantOf,
  unsupportedMediaType,
} from '@rlaas/service';
import type { FastifyRequest } from 'fastify';
import type { BodyBudget } from '../intake/body-budget.ts';
import { PACKED_BYTES, decompress, encodings, isEncoding } from '../intake/decompress.ts';
import { type BatchFormat, batchTypes, formatOf, readBatch } from '../intake/read-batch.ts';
import { type ReadBody, readBody } from '../intake/read-body.ts';

/** Largest body of a batch, unpacked. */
export const BATCH_BYTES = 8 * 1024 * 1024;

/** What reading the body of a batch depends on. */
export interface Intake {
  budget: BodyBudget;
  /** Whether the queue has room for a tenant. */
  admits: (tenantId: string) => boolean;
  /** A body is being read; the returned function is called when it was. */
  arriving: () => () => void;
  /** Longest time without a byte of a body, in milliseconds. */
  stallMs: number;
}

/**
 * Makes the routes of `scope` read batches: JSON, lines of JSON, CloudEvents, packed or not, within their limits. The
 * body is then what the JSON form has, whichever it came in.
 */
export function readBatchBodies(scope: ServiceApp, intake: Intake): void {
  scope.decorateRequest('bodyBytes', 0);
  scope.decorateRequest('bodyReleased', false);
  scope.removeAllContentTypeParsers();
  scope.addHook('onRequest', (request, reply, done) => {
    reply.raw.once('close', () => {
      request.bodyReleased = true;
      if (request.bodyBytes > 0) intake.budget.release(tenantOf(request), request.bodyBytes);
    });
    done();
  });
  scope.addContentTypeParser('*', async (request: FastifyRequest, stream: IncomingMessage) => {
    const format = formatOfRequest(request);
    if (!intake.admits(tenantOf(request))) {
      throw refuseBody('overloaded', 'There is no room for more events now.', { 'retry-after': '1' });
    }
    const arrived = intake.arriving();
    try {
      const read = readBatch(
        await bodyOf(request, stream, intake),
        format,
        (limits) => new JsonShape(limits),
      );
      if (!read.ok) throw invalidJson(read.message);
      return read.body;
    } finally {
      arrived();
    }
  });
}

function formatOfRequest(request: FastifyRequest): BatchFormat {
  const type = request.headers['content-type'] ?? '';
  const publishable = request.routeOptions.config.accessRule?.publishable === true;
  // A browser sends text to another origin without asking first, which is what a page does that is being closed.
  const format = formatOf(publishable ? type.replace(/^text\/plain\b/i, 'application/json') : type);
  if (!format) throw unsupportedMediaType(`Send the body as one of ${batchTypes.join(', ')}, in UTF-8.`);
  return format;
}

async function bodyOf(
  request: FastifyRequest,
  stream: IncomingMessage,
  { budget, stallMs }: Intake,
): Promise<Buffer> {
  const tenantId = tenantOf(request);
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity' && !isEncoding(encoding)) {
    throw unsupportedMediaType(`Pack the body with one of ${encodings.join(', ')}, or not at all.`);
  }
  const maxBytes = encoding === 'identity' ? BATCH_BYTES : PACKED_BYTES;
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(encoding, maxBytes);
  const reserve = (bytes: number): boolean => {
    // A caller that leaves while its body is unpacked has given back what it held: nothing would give back more.
    if (request.bodyReleased || !budget.reserve(tenantId, bytes)) return false;
    request.bodyBytes += bytes;
    return true;
  };
  const read = await readBody(stream, { maxBytes, stallMs, reserve });
  if (!read.ok) throw unread(read.reason, { encoding, maxBytes, stallMs });
  if (encoding === 'identity') return read.body;
  const unpacked = await decompress(read.body, { encoding, maxBytes: BATCH_BYTES });
  if (!unpacked.ok) {
    throw unpacked.reason === 'too_large'
      ? tooLarge('identity', BATCH_BYTES, ' once it is unpacked, and at most 50 times its size')
      : invalidAt(
          '/headers/content-encoding',
          `the body is not what it says: it cannot be unpacked as ${encoding}`,
        );
  }
  if (!reserve(unpacked.body.length)) throw unread('no_room', { encoding, maxBytes, stallMs });
  return unpacked.body;
}

function unread(
  reason: Exclude<ReadBody, { ok: true }>['reason'],
  { encoding, maxBytes, stallMs }: { encoding: string; maxBytes: number; stallMs: number },
): RlaasError {
  if (reason === 'too_large') return tooLarge(encoding, maxBytes);
  if (reason === 'stalled') {
    return refuseBody('request_timeout', `No byte of the body came for ${stallMs / 1_000} s.`);
  }
  if (reason === 'no_room') {
    return refuseBody('overloaded', 'There is no room for more bodies now.', { 'retry-after': '1' });
  }
  return refuseBody('invalid_request', 'The body ended before its end.');
}

function tooLarge(encoding: string, maxBytes: number, more = ''): RlaasError {
  const form = encoding === 'identity' ? '' : ` packed with ${encoding}`;
  return refuseBody('body_too_large', `A body${form} may have at most ${maxBytes} bytes${more}.`);
}

/** What is left of the body is not read: the connection is of no use any more. */
function refuseBody(
  code: 'body_too_large' | 'request_timeout' | 'overloaded' | 'invalid_request',
  detail: string,
  headers: Record<string, string> = {},
): RlaasError {
  return new RlaasError(code, { detail, headers: { connection: 'close', ...headers } });
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Bytes of its body that are held in memory. */
    bodyBytes: number;
    /** Its caller has the answer or is gone: nothing is held for it any more. */
    bodyReleased: boolean;
  }
}
