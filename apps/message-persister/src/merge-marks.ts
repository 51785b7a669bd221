import type { DeliveredMark, ReadMark } from '@chat/database';
import { isEarlierInLog } from '@chat/dto';

/** Where one member stands in one room, in one epoch of the log: what was told of it, in stretches that do not touch. */
type Stretches = DeliveredMark[];

/**
 * Marks of delivery as few as they can be: of a member those whose stretches overlap, or follow one another, are one. What is
 * told second by second costs one row a batch so. In rounds, no member twice in a round, for one statement takes a member once.
 */
export function mergeDelivered(marks: readonly DeliveredMark[]): readonly (readonly DeliveredMark[])[] {
  const byMember = new Map<string, Stretches>();
  for (const mark of marks) {
    const member = `${mark.roomId}/${mark.userId}`;
    const known = byMember.get(member);
    if (known === undefined) byMember.set(member, [mark]);
    else add(known, mark);
  }
  return roundsOf([...byMember.values()]);
}

/** The furthest mark of reading of each member. */
export function mergeRead(marks: readonly ReadMark[]): readonly ReadMark[] {
  const furthest = new Map<string, ReadMark>();
  for (const mark of marks) {
    const member = `${mark.roomId}/${mark.userId}`;
    const known = furthest.get(member);
    if (known === undefined || isEarlierInLog(known.position, mark.position)) furthest.set(member, mark);
  }
  return [...furthest.values()];
}

function add(stretches: Stretches, mark: DeliveredMark): void {
  let merged = mark;
  const apart = stretches.filter((known) => {
    const isApart = !doTouch(known, merged);
    if (!isApart) merged = union(known, merged);
    return isApart;
  });
  stretches.splice(0, stretches.length, ...apart, merged);
}

function doTouch(a: DeliveredMark, b: DeliveredMark): boolean {
  return (
    a.position.epoch === b.position.epoch &&
    a.unbrokenFrom <= b.position.offset + 1 &&
    b.unbrokenFrom <= a.position.offset + 1
  );
}

function union(a: DeliveredMark, b: DeliveredMark): DeliveredMark {
  const furthest = isEarlierInLog(a.position, b.position) ? b : a;
  return { ...furthest, unbrokenFrom: Math.min(a.unbrokenFrom, b.unbrokenFrom) };
}

/** In the order of the log, so that a stretch finds what comes before it stored. */
function roundsOf(members: readonly Stretches[]): readonly (readonly DeliveredMark[])[] {
  const rounds: DeliveredMark[][] = [];
  for (const stretches of members) {
    if (stretches.length > 1) stretches.sort((a, b) => (isEarlierInLog(a.position, b.position) ? -1 : 1));
    for (const [round, mark] of stretches.entries()) (rounds[round] ??= []).push(mark);
  }
  return rounds;
}
