/** A place in a document that a command writes. */
export interface DocumentSection {
  readonly name: string;
  /** As it is typed: "npm run bench -- --write". */
  readonly command: string;
}

/** The document with the text between the markers of this section; throws where it has none. */
export function withSection(document: string, { name, command }: DocumentSection, text: string): string {
  const [begin, end] = [`<!-- ${name}: written by \`${command}\` -->`, `<!-- /${name} -->`];
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the document has no place for ${name}: ${begin} … ${end}`);
  return `${document.slice(0, from + begin.length)}\n\n${text}\n\n${document.slice(to)}`;
}
