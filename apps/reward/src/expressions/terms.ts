import { type ASTNode, type Environment, serialize } from '@marcbachmann/cel-js';
import { evaluatorOf } from './evaluate.ts';
import type { Term } from './expression.ts';

/** The parts of the sum that an expression is, from left to right. */
export function termsOf(environment: Environment, root: ASTNode): Term[] {
  const parts: { node: ASTNode; sign: 1 | -1 }[] = [];
  let node = root;
  // A sum leans to the left: ((a + b) − c).
  while (node.op === '+' || node.op === '-') {
    const [left, right] = node.args;
    parts.push({ node: right, sign: node.op === '+' ? 1 : -1 });
    node = left;
  }
  parts.push({ node, sign: 1 });
  return parts.toReversed().map(({ node: part, sign }, index) => {
    // From the tree: the places of parts do not hold the parentheses around them.
    const text = serialize(part);
    const evaluate = evaluatorOf<number>(environment, text);
    const lead = sign === -1 ? '− ' : index === 0 ? '' : '+ ';
    return {
      text: `${lead}${part.op === '?:' || part.op === '-' || part.op === '+' ? `(${text})` : text}`,
      evaluate(values) {
        const result = evaluate(values);
        return result.ok ? { ok: true, value: sign * result.value + 0 } : result;
      },
    };
  });
}
