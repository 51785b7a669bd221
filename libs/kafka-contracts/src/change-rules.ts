import { codePointCount, isChangeKind, REACTION_MAX_CODE_POINTS, type MessageDTO } from '@chat/dto';

/** Why an EDIT, DELETE or REACTION is none, by the rules of its kind; null where it is one, and for every other message. */
export function changeFaultOf({ kind, targetId, content }: MessageDTO): string | null {
  if (kind === undefined || !isChangeKind(kind)) return null;
  if (targetId === undefined) return `targetId: a message of kind ${kind} must name the one that it is about`;
  if (kind === 'DELETE') return content === '' ? null : 'content: must be empty in a DELETE';
  if (content === '') return `content: must not be empty in a message of kind ${kind}`;
  const isLong = kind === 'REACTION' && codePointCount(content) > REACTION_MAX_CODE_POINTS;
  return isLong ? `content: must have at most ${REACTION_MAX_CODE_POINTS} code points in a REACTION` : null;
}
