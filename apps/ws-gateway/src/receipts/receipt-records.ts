import type { LogPosition, ReceiptDTO, ReceiptGroup, ReceiptMark } from '@chat/dto';
import { MARKS_PER_RECORD } from '../limits.ts';
import type { MarkGroup, RoomMarks } from './delivery-marks.ts';

/** Where and when the marks of a record are told. */
export interface ReceiptPlace {
  readonly epoch: number;
  readonly partition: number;
  /** ISO-8601. */
  readonly at: string;
}

/** The values of message-receipts that tell the marks of a room: one, or several where they are too many. */
export function receiptsOf({ roomId, groups }: RoomMarks, { epoch, partition, at }: ReceiptPlace): ReceiptDTO[] {
  const receipts: ReceiptDTO[] = [];
  let [marks, together, count]: [ReceiptMark[], ReceiptGroup[], number] = [[], [], 0];
  const close = () => {
    receipts.push({ roomId, marks, ...(together.length > 0 && { groups: together }), at });
    [marks, together, count] = [[], [], 0];
  };
  for (const { upTo, userIds, unbrokenFrom } of groups.flatMap(fitting)) {
    if (count > 0 && count + userIds.length > MARKS_PER_RECORD) close();
    const position: LogPosition = { epoch, partition, offset: upTo };
    const [userId, from] = [userIds[0], unbrokenFrom[0]];
    if (userIds.length > 1) together.push({ kind: 'DELIVERED', position, userIds, unbrokenFrom });
    else if (userId !== undefined && from !== undefined)
      marks.push({ userId, kind: 'DELIVERED', position, unbrokenFrom: from });
    count += userIds.length;
  }
  if (count > 0) close();
  return receipts;
}

function fitting(group: MarkGroup): readonly MarkGroup[] {
  const { upTo, userIds, unbrokenFrom } = group;
  if (userIds.length <= MARKS_PER_RECORD) return [group];
  const parts: MarkGroup[] = [];
  for (let from = 0; from < userIds.length; from += MARKS_PER_RECORD) {
    const to = from + MARKS_PER_RECORD;
    parts.push({ upTo, userIds: userIds.slice(from, to), unbrokenFrom: unbrokenFrom.slice(from, to) });
  }
  return parts;
}
