import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv, type AnySchemaObject, type ValidateFunction } from 'ajv';

/** One of what a chart makes. */
export interface Resource {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels: Record<string, string>; annotations?: Record<string, string> };
  spec?: unknown;
}

interface Book {
  $defs?: Record<string, AnySchemaObject>;
  properties: Record<string, AnySchemaObject>;
}

const book = (name: string) =>
  JSON.parse(
    readFileSync(path.resolve(__dirname, '../../docker/helm/schemas', `${name}.json`), 'utf8'),
  ) as Book;
const kubernetes = book('kubernetes');
const schemas = new Map(
  [kubernetes, book('strimzi')].flatMap(({ $defs = {}, properties }) =>
    Object.entries(properties).map(([kind, schema]): [string, AnySchemaObject] => [
      kind,
      { ...schema, $defs },
    ]),
  ),
);
const ajv = new Ajv({ strict: false, allErrors: true });
const compiled = new Map<string, ValidateFunction>();

function validatorOf(kind: string): ValidateFunction | undefined {
  const schema = schemas.get(kind);
  const validate = compiled.get(kind) ?? (schema && ajv.compile(schema));
  if (validate) compiled.set(kind, validate);
  return validate;
}
const validateMetadata = ajv.compile({
  ...kubernetes.$defs?.['io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'],
  $defs: kubernetes.$defs,
});

/** What the schemas of Kubernetes and Strimzi have against it; a property that they do not know is one. */
export function problemsOf(resource: Resource): string[] {
  const kind = `${resource.apiVersion} ${resource.kind}`;
  const of = `${resource.kind} ${resource.metadata.name}`;
  const validate = validatorOf(kind);
  if (validate === undefined) return [`${of}: there is no schema of ${kind}`];
  const errors = [
    ...(validate(resource) ? [] : (validate.errors ?? [])),
    // Strimzi's leave it to Kubernetes.
    ...(validateMetadata(resource.metadata) ? [] : (validateMetadata.errors ?? [])),
  ];
  return errors.map(
    ({ instancePath, message, params }) => `${of}: ${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}
