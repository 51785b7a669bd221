import { cutToCodePoints, MessageDTOSchema, NOTIFICATION_PREVIEW_MAX_CODE_POINTS } from '@chat/dto';

const UTF8 = new TextDecoder();

/** JSON of a message as a notification shows it, its content cut; null for what is no message. */
export function previewOf(body: Uint8Array): string | null {
  const decoded = MessageDTOSchema.safeParse(JSON.parse(UTF8.decode(body))); // it counts, so it is JSON
  if (!decoded.success) return null;
  const { content } = decoded.data;
  return JSON.stringify({ ...decoded.data, content: cutToCodePoints(content, NOTIFICATION_PREVIEW_MAX_CODE_POINTS) });
}
