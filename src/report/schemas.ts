import { z } from 'zod';
import { expectationsFile } from './expectations.ts';
import { report } from './schema.ts';

/** The JSON Schemas in `schemas/`, by file name. A test holds the files to these. */
export function publishedSchemas(): Record<string, unknown> {
  return {
    'report.schema.json': jsonSchema(report, 'report.json of boltgrid, version 1'),
    'expectations.schema.json': jsonSchema(expectationsFile, 'expectations.json of boltgrid'),
  };
}

/** As a writer of the file sees it. Anything that JSON Schema cannot say is an error, not left out. */
const jsonSchema = (schema: z.ZodType, title: string): unknown => ({
  title,
  ...z.toJSONSchema(schema, { io: 'input', unrepresentable: 'throw', target: 'draft-7' }),
});
