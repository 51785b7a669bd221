/** In the content of every message that these tests send, so that the logs can be searched for it. */
export const CONTENT_MARK = 'not-for-the-logs';

/** Content of a message, or text in the place of one, that must not be in any log. */
export function marked(text: string): string {
  return `${text} ${CONTENT_MARK}`;
}
