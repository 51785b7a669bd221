import { readFileSync } from 'node:fs';
import { z } from 'zod';

const BEGINNING = /-----BEGIN [A-Z0-9 ]+-----/;

/**
 * PEM text, or the absolute path of a file that holds it, which is read once, when the configuration is; undefined where it is
 * left out. In the text itself `\n` stands for an end of line, since many ways to give a variable have only one line.
 */
export function pemOrFile(): z.ZodType<string | undefined, string | undefined> {
  return z
    .string()
    .optional()
    .transform((value, context) => {
      if (value === undefined || value === '') return undefined;
      const pem = value.startsWith('/') ? read(value) : value.replaceAll(String.raw`\n`, '\n');
      if (pem !== null && BEGINNING.test(pem)) return pem;
      const message =
        pem === null ? 'names a file that cannot be read' : 'must be PEM, or the absolute path of a file of it';
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    });
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
