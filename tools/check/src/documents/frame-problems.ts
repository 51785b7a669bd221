import { FrameParser, HEART_BEAT } from '@chat/stomp';

/** How documents write the NUL behind a frame. */
const WRITTEN_NUL = '^@';

/** Commands of the frames in a text of STOMP 1.2, each of which ends in `^@`. Throws where they are none. */
export function framesIn(text: string): readonly string[] {
  const parser = new FrameParser();
  parser.setVersion('1.2');
  parser.push(new TextEncoder().encode(text.replaceAll(`${WRITTEN_NUL}\n`, '\0\n').replace(/\^@$/, '\0')));
  const commands: string[] = [];
  for (let frame = parser.next(); frame !== null; frame = parser.next()) {
    if (frame !== HEART_BEAT) commands.push(frame.command);
  }
  const written = text.split(WRITTEN_NUL).length - 1;
  if (commands.length !== written || !text.trimEnd().endsWith(WRITTEN_NUL)) {
    throw new Error(`${written} frames end in ${WRITTEN_NUL}, ${commands.length} were read to their end`);
  }
  return commands;
}
