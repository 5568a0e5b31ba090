import type { ASTNode } from '@marcbachmann/cel-js';
import { similarName } from '@rlaas/schemas';
import { COMPREHENSIONS, FUNCTIONS, METHODS } from './environment.ts';
import type { Fields, Finding } from './expression.ts';
import { askedField, fieldOf } from './knowledge.ts';
import { findingAt } from './place.ts';

/** Steps that one evaluation may take. */
const MOST_STEPS = 10_000;

/**
 * What the language has and expressions of rewards may not: what has no bound, what is not known, what has no use here.
 * Looked at before the types, so that a person is told what to write instead.
 */
export class Restrictions {
  readonly mistakes: Finding[] = [];
  readonly uses = new Set<string>();
  readonly #source: string;
  readonly #fields: Fields;

  constructor(source: string, fields: Fields) {
    this.#source = source;
    this.#fields = fields;
  }

  check(root: ASTNode): void {
    const steps = this.#steps(root, new Set());
    if (steps > MOST_STEPS && this.mistakes.length === 0) {
      this.#refuse(root, 'too_costly', `takes about ${steps} steps; at most ${MOST_STEPS} are allowed`);
    }
  }

  /** Looks at a node and all below it. @param items names of items of lists @returns steps of an evaluation */
  #steps(node: ASTNode, items: ReadonlySet<string>): number {
    const field = fieldOf(node);
    if (field !== undefined) return this.#useField(node, field);
    if (node.op === 'id') return this.#name(node, node.args, items);
    if (node.op === '.' || node.op === '.?' || node.op === '[]' || node.op === '[?]') {
      this.#refuse(node, 'not_supported', 'is not known here: fields are read as e.name');
      return 1;
    }
    if (node.op === 'map') {
      this.#refuse(node, 'not_supported', 'maps have no use here');
      return 1;
    }
    if (node.op === 'value') return this.#literal(node, node.args);
    if (node.op === 'list') return this.#all(node.args, items);
    if (node.op === 'call') return this.#call(node, node.args[0], node.args[1], items);
    if (node.op === 'rcall') return this.#method(node, items);
    if (node.op === '?:') return this.#all(node.args, items);
    if (node.op === '!_' || node.op === '-_') return 1 + this.#steps(node.args, items);
    return this.#all(node.args, items);
  }

  #all(nodes: readonly ASTNode[], items: ReadonlySet<string>): number {
    return nodes.reduce((sum, node) => sum + this.#steps(node, items), 1);
  }

  #useField(node: ASTNode, field: string): number {
    if (Object.hasOwn(this.#fields, field)) {
      this.uses.add(field);
      return 1;
    }
    const names = Object.keys(this.#fields);
    const near = similarName(field, names);
    const advice =
      near === undefined
        ? `there are ${names.map((name) => `e.${name}`).join(', ')}`
        : `did you mean e.${near}?`;
    this.#refuse(node, 'unknown_field', `e.${field} is no input and no grader; ${advice}`);
    return 1;
  }

  #name(node: ASTNode, name: string, items: ReadonlySet<string>): number {
    if (items.has(name)) return 1;
    if (name === 'e')
      this.#refuse(node, 'not_supported', 'e stands for all inputs; write e.name for one of them');
    else if (Object.hasOwn(this.#fields, name)) this.#refuse(node, 'unknown_name', `write e.${name}`);
    else this.#refuse(node, 'unknown_name', `${name} is not known; inputs and graders are read as e.name`);
    return 1;
  }

  #literal(node: ASTNode, value: unknown): number {
    const usable =
      typeof value === 'number' ||
      typeof value === 'bigint' ||
      typeof value === 'string' ||
      typeof value === 'boolean';
    if (value === null)
      this.#refuse(node, 'not_supported', 'there is no null: ask has(e.name) whether there is a value');
    else if (!usable)
      this.#refuse(node, 'not_supported', 'only numbers, texts, true and false can be written here');
    return 1;
  }

  #call(node: ASTNode, name: string, given: readonly ASTNode[], items: ReadonlySet<string>): number {
    if (name === 'has') {
      if (askedField(node) === undefined) {
        const [argument] = given;
        const bare =
          argument?.op === 'id' && Object.hasOwn(this.#fields, argument.args) ? argument.args : 'name';
        this.#refuse(node, 'wrong_has', `has() asks for one field: write has(e.${bare})`);
        return 1;
      }
    } else if (!FUNCTIONS.has(name)) {
      const near = similarName(name, [...FUNCTIONS]);
      this.#refuse(
        node,
        'not_supported',
        `${name}() is not known here; ${near === undefined ? `there are ${[...FUNCTIONS].join(', ')}` : `did you mean ${near}()?`}`,
      );
    }
    return this.#all(given, items);
  }

  #method(node: Extract<ASTNode, { op: 'rcall' }>, items: ReadonlySet<string>): number {
    const [name, receiver, given] = node.args;
    if (name === 'matches') {
      this.#refuse(
        node,
        'unbounded_cost',
        'a regular expression can take any time; use contains, startsWith or endsWith',
      );
      return 1;
    }
    if (COMPREHENSIONS.has(name)) return this.#comprehension(node, items);
    if (!METHODS.has(name)) {
      this.#refuse(
        node,
        'not_supported',
        `.${name}() is not known here; there are ${[...METHODS].join(', ')}`,
      );
    }
    return this.#steps(receiver, items) + this.#all(given, items);
  }

  #comprehension(node: Extract<ASTNode, { op: 'rcall' }>, items: ReadonlySet<string>): number {
    const [name, receiver, given] = node.args;
    const [item, ...bodies] = given;
    if (receiver.op !== 'list') {
      this.#refuse(
        node,
        'unbounded_cost',
        `${name}() runs over a list that is written down, so that its length is known`,
      );
      return 1;
    }
    if (item?.op !== 'id') {
      this.#refuse(node, 'not_supported', `${name}() begins with a name for the items`);
      return 1;
    }
    const inner = this.#all(bodies, new Set([...items, item.args]));
    return this.#all(receiver.args, items) + receiver.args.length * inner;
  }

  #refuse(node: ASTNode, code: string, message: string): void {
    this.mistakes.push(findingAt(this.#source, node, code, message));
  }
}
