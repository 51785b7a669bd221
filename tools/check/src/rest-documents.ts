import type { JsonSchema } from '@chat/dto';
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript';
import { describedDtoSchemas } from './contracts/contract-schemas.ts';

/** An OpenAPI document as `describe-rest.ts` of rooms-api prints it. */
export interface RestDocument {
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

/** The document with the words of the DTOs' comments. */
export function describedDocument<Document extends RestDocument>(document: Document): Document {
  const described = describedDtoSchemas((name) => `#/components/schemas/${name}`);
  const schemas = Object.entries(document.components.schemas).map(([name, schema]) => [
    name,
    described[name] ?? schema,
  ]);
  return { ...document, components: { ...document.components, schemas: Object.fromEntries(schemas) } };
}

const HEAD = '// Written by `npm run docs` from docs/openapi.json.\n\n';

/** TypeScript's types of everything in the document. */
export async function restTypes(document: RestDocument): Promise<string> {
  const options = { immutable: true, defaultNonNullable: false }; // what has a default may be left out of a request
  const types = await openapiTS(document as unknown as OpenAPI3, options); // a document; it is validated first
  return HEAD + astToString(types);
}
