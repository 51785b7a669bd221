import { ChatError, type FieldProblem } from '@chat/service-kit';

/** INVALID_REQUEST whose sentence says what is wrong with each field: the error queue has room for nothing but the sentence. */
export function invalidFields(...fields: readonly FieldProblem[]): ChatError {
  const message = fields.map(({ field, message: problem }) => `${field} ${problem}`).join('; ');
  return new ChatError('INVALID_REQUEST', { message, fields });
}
