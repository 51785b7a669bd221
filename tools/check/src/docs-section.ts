import { withSection } from '@chat/testing';

/** The document with the text between its markers of this name; throws where it has none. */
export function withDocs(document: string, name: string, text: string): string {
  return withSection(document, { name, command: 'npm run docs' }, text);
}

/** The same of several sections, by name. */
export function withAllDocs(document: string, sections: Readonly<Record<string, string>>): string {
  return Object.entries(sections).reduce((text, [name, section]) => withDocs(text, name, section), document);
}

/** Text that may stand in a cell of a table. */
export function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

export function code(text: string): string {
  return `\`${text}\``;
}
