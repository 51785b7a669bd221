import type { MessageReceiptsDTO } from '@chat/dto';
import type { RoomReceipts } from '../api.ts';

export const NO_RECEIPTS: RoomReceipts = { byMessage: new Map() };
/** Messages of a room whose state is remembered; what was told of first is forgotten first. */
export const RECEIPTS_MAX_COUNT = 1_000;

export function applyReceipts(before: RoomReceipts, { receipts }: MessageReceiptsDTO): RoomReceipts {
  const byMessage = new Map(before.byMessage);
  for (const receipt of receipts) byMessage.set(receipt.messageId, receipt);
  for (const messageId of byMessage.keys()) {
    if (byMessage.size <= RECEIPTS_MAX_COUNT) break;
    byMessage.delete(messageId);
  }
  return { byMessage };
}
