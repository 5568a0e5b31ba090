import type { FastifyInstance, FastifyRequest } from 'fastify';
import { invalidRequest, unsupportedMediaType } from '../errors/errors.ts';
import { JsonShape } from './json-shape.ts';

/**
 * Bodies are JSON. Text is taken as JSON on publishable routes only: a browser sends it to another origin without
 * asking first, which is what a page does that is being closed.
 */
export function parseBodies(app: FastifyInstance, jsonDepth: number): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');

  function parse(
    request: FastifyRequest,
    body: string,
    done: (error: Error | null, value?: unknown) => void,
  ): void {
    // Only levels: a body of these routes is too small for many nodes or names to matter.
    const shape = new JsonShape({
      levels: jsonDepth,
      nodes: Number.POSITIVE_INFINITY,
      names: Number.POSITIVE_INFINITY,
    });
    if (shape.add(body)) {
      done(invalidRequest([{ path: '', message: `nests deeper than ${jsonDepth} levels` }]));
      return;
    }
    // The parser answers through `done` and returns nothing.
    void parseJson(request, body, done);
  }

  app.addContentTypeParser('application/json', { parseAs: 'string' }, parse);
  app.addContentTypeParser<string>('text/plain', { parseAs: 'string' }, (request, body, done) => {
    if (request.routeOptions.config.accessRule?.publishable === true) parse(request, body, done);
    else done(unsupportedMediaType('Send the body as application/json.'));
  });
}
