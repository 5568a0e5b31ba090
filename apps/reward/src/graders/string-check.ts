/** What a text is compared with, and how: the operations of OpenAI's string_check grader. */
export interface StringCheck {
  /** `eq` the same, `ne` another one, `like` contains, `ilike` contains in any case. */
  operation: 'eq' | 'ne' | 'like' | 'ilike';
  reference: string;
}

/** @returns 1 where the check holds, else 0 */
export function stringCheck({ operation, reference }: StringCheck, text: string): 0 | 1 {
  return holds(operation, reference, text) ? 1 : 0;
}

function holds(operation: StringCheck['operation'], reference: string, text: string): boolean {
  if (operation === 'eq') return text === reference;
  if (operation === 'ne') return text !== reference;
  if (operation === 'like') return text.includes(reference);
  return text.toLowerCase().includes(reference.toLowerCase());
}
