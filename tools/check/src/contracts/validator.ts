import type { JsonSchema } from '@chat/dto';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** Why a value is none of the schema, in words; null where it is one. Throws where the schema itself is none. */
export type Validator = (value: unknown) => string | null;

/** One for all, since it takes long to make. */
const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, validateFormats: false });

/** A strict reading of the schema: a keyword that is misspelled or without effect is an error. */
export function validatorOf(schema: JsonSchema): Validator {
  const validate = ajv.compile(schema);
  ajv.removeSchema(schema); // another version may have the same name
  return (value) => (validate(value) ? null : ajv.errorsText(validate.errors, { dataVar: 'the value' }));
}
