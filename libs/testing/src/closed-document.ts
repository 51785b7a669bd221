import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { closedSchema } from './closed-schema.ts';

/** Schemas of an OpenAPI or AsyncAPI document, read strictly; each is compiled when it is asked for first. */
export interface ClosedDocument {
  /** Of the place that these steps from the root lead to; throws where the document has none there. */
  validatorAt(steps: readonly string[]): ValidateFunction;
  /** What the last validation found, in words; `name` stands for the value. */
  errorsText(errors: ValidateFunction['errors'], name: string): string;
}

export function openDocument(document: object): ClosedDocument {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: 'document', ...(closedSchema(document) as object) });
  return {
    validatorAt: (steps) => {
      const pointer = steps
        .map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1')))
        .join('/');
      const validate = ajv.getSchema(`document#/${pointer}`);
      if (validate === undefined) throw new TypeError(`the document has no schema at ${pointer}`);
      return validate;
    },
    errorsText: (errors, name) => ajv.errorsText(errors as ErrorObject[] | null, { dataVar: name }),
  };
}
