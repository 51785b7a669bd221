import { describe, expect, it } from 'vitest';
import { docCommentsOf } from './doc-comments.ts';

const SOURCE = `
import { z } from 'zod';
/**
 * A chat message
 * as it lies on Kafka.
 */
export const MessageDTOSchema = z
  .object({
    id: z.number(),
    /** Of kind SYSTEM. */
    system: z.object({ /** Of the inside. */ event: z.string() }).optional(),
  })
  .refine(() => true, { error: 'no' });
export type MessageDTO = z.infer<typeof MessageDTOSchema>;
/** No schema. */
export const LIMIT = 7;
export const BareSchema = z.string();
`;

describe('comments of schemas', () => {
  it('are found by the name of the DTO, in one line, with those of its fields', () => {
    expect(docCommentsOf(SOURCE)).toEqual({
      MessageDTO: { about: 'A chat message as it lies on Kafka.', fields: { system: 'Of kind SYSTEM.' } },
      Bare: { about: '', fields: {} },
    });
  });
});
