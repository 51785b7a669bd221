/** The document with the text between the markers of this bench; throws where it has none. */
export function withReport(document: string, bench: string, text: string): string {
  const [begin, end] = [`<!-- ${bench}: written by \`npm run bench -- --write\` -->`, `<!-- /${bench} -->`];
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the document has no place for ${bench}: ${begin} … ${end}`);
  return `${document.slice(0, from + begin.length)}\n\n${text}\n\n${document.slice(to)}`;
}
