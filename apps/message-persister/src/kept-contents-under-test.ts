import type { MessageDTO } from '@chat/dto';

/**
 * What is kept of the contents of records that are stored in this order: nothing of a text with a DELETE behind it, nor of an edit
 * that could only change such a one. The plain model of the triggers on `messages`.
 */
export function keptContentsOf(log: readonly MessageDTO[]): readonly string[] {
  const isOf = (one: MessageDTO, { roomId, targetId }: MessageDTO) =>
    one.roomId === roomId && Number(one.id) === (targetId ?? 0);
  const isDeleted = (text: MessageDTO, from: number) =>
    log.some((each, at) => at > from && each.kind === 'DELETE' && isOf(text, each));
  return log.map((message, at) => {
    const { roomId, kind, targetId = 0, senderId, content } = message;
    if (kind === undefined) return isDeleted(message, at) ? '' : content;
    if (kind !== 'EDIT') return content;
    const isAsked = log.some(
      (each) => each.kind === 'DELETE' && each.roomId === roomId && (each.targetId ?? 0) === targetId,
    );
    const isOfUse = log.some(
      (one, from) =>
        from < at && one.kind === undefined && one.senderId === senderId && isOf(one, message) && !isDeleted(one, from),
    );
    return isAsked && !isOfUse ? '' : content;
  });
}
