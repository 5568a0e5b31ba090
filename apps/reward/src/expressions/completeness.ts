import type { ASTNode } from '@marcbachmann/cel-js';
import { checkingEnvironment } from './environment.ts';
import { compileCondition } from './compile-expression.ts';
import type { CompiledExpression, Fields, Finding } from './expression.ts';
import { askedField } from './knowledge.ts';
import { findingAt } from './place.ts';

/**
 * Compiles a condition that tells only whether values are there: what is complete stays so whatever comes later, and
 * what is released early depends on no value.
 */
export function compileCompleteness(source: string, fields: Fields): CompiledExpression<boolean> {
  const compiled = compileCondition(source, fields);
  if (!compiled.ok) return compiled;
  const mistakes: Finding[] = [];
  const look = (node: ASTNode): void => {
    if (node.op === '&&' || node.op === '||') {
      for (const side of node.args) look(side);
      return;
    }
    const asked = askedField(node);
    if (asked === undefined) {
      mistakes.push(
        node.op === '!_'
          ? findingAt(
              source,
              node,
              'not_monotone',
              'what is complete must stay so: "!" ends it when an event comes',
            )
          : findingAt(
              source,
              node,
              'looks_at_values',
              'may only ask whether values are there, by has(e.name), && and ||: what is shown early must not depend on what it is',
            ),
      );
    } else if (fields[asked]?.always === true) {
      mistakes.push(
        findingAt(
          source,
          node,
          'always_there',
          `e.${asked} always has a value, since it has a default; so it says nothing about what is complete`,
        ),
      );
    }
  };
  look(checkingEnvironment(fields).parse(source).ast);
  return mistakes.length > 0 ? { ok: false, mistakes } : compiled;
}
