import { z } from 'zod';

export type JsonSchema = Record<string, unknown>;

/** Contracts as JSON schemas (2020-12, as OpenAPI 3.1 has them); those with a name of their own are kept once. */
export class SchemaBook {
  readonly schemas: Record<string, JsonSchema> = {};

  /** `input`: what a client sends; `output`: what it gets, to which later versions may add. */
  of(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const made: JsonSchema = z.toJSONSchema(schema, {
      io,
      unrepresentable: 'any',
      override: ({ jsonSchema }) => {
        if (io === 'output') delete jsonSchema.additionalProperties;
      },
    });
    const { $defs, ...rest } = withRefs(made);
    Object.assign(this.schemas, $defs);
    delete rest['$schema'];
    return rest;
  }
}

const withRefs = (schema: JsonSchema): JsonSchema =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/')) as JsonSchema;
