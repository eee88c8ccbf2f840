import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

/**
 * Makes docker/helm/schemas/*.json, against which the chart is held, from what others publish; that folder's README
 * says where to get it. Takes a folder of JSON schemas of Kubernetes ("…-local-strict") and one of Strimzi's
 * definitions of its resources. Only the kinds that the chart has are kept, without words for people.
 */
const usage = 'Usage: trim-schemas <folder of Kubernetes schemas> <folder of Strimzi definitions>';
const target = path.resolve(__dirname, '../../docker/helm/schemas');
const kinds = {
  'apps/v1 Deployment': 'deployment-apps-v1',
  'autoscaling/v2 HorizontalPodAutoscaler': 'horizontalpodautoscaler-autoscaling-v2',
  'networking.k8s.io/v1 Ingress': 'ingress-networking-v1',
  'policy/v1 PodDisruptionBudget': 'poddisruptionbudget-policy-v1',
  'v1 Service': 'service-v1',
  'v1 ServiceAccount': 'serviceaccount-v1',
};

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Schema = { [key: string]: Json };

const isSchema = (value: Json | undefined): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const map = (schema: Schema, change: (value: Json) => Json): Schema =>
  Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, change(value)]));

const dropped = new Set(['$schema', 'description', 'format']);

/** What JSON Schema makes of it; `$ref`s lead into `$defs` of the same file. Unknown properties are errors. */
function trimmed(value: Json): Json {
  if (Array.isArray(value)) return value.map(trimmed);
  if (!isSchema(value)) return value;
  const { properties, $ref: ref, ...rest } = value;
  const open = rest['x-kubernetes-preserve-unknown-fields'] === true;
  const kept = Object.entries(rest).filter(([key]) => !dropped.has(key) && !key.startsWith('x-'));
  return {
    ...map(Object.fromEntries(kept), trimmed),
    ...(rest['x-kubernetes-int-or-string'] === true && { type: ['integer', 'string'] }),
    ...(isSchema(properties) && { properties: map(properties, trimmed) }),
    ...(isSchema(properties) && !open && { additionalProperties: false }),
    ...(typeof ref === 'string' && { $ref: ref.replace(/^.*#/, '#') }),
  };
}

/** The names of the definitions that it needs, and those that they need. */
function needed(schema: Json, from: Schema, found = new Set<string>()): Set<string> {
  for (const [, name] of JSON.stringify(schema).matchAll(/"\$ref":"[^"]*\$defs\/([^"]+)"/g)) {
    if (name === undefined || found.has(name)) continue;
    found.add(name);
    needed(from[name] ?? null, from, found);
  }
  return found;
}

function kubernetes(folder: string): Schema {
  const read = (name: string) =>
    JSON.parse(readFileSync(path.join(folder, `${name}.json`), 'utf8')) as Schema;
  const from = read('_definitions').$defs;
  if (!isSchema(from)) throw new Error(usage);
  const whole = Object.fromEntries(Object.entries(kinds).map(([kind, file]) => [kind, read(file)]));
  const names = [...needed(whole, from)].sort();
  const $defs = Object.fromEntries(names.map((name) => [name, trimmed(from[name] ?? null)]));
  return { $defs, properties: map(whole, trimmed) };
}

interface Definition {
  spec: {
    group: string;
    names: { kind: string };
    versions: { name: string; schema: { openAPIV3Schema: Schema } }[];
  };
}

function strimzi(folder: string): Schema {
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  const properties = files.sort().flatMap((file): [string, Json][] => {
    const { spec } = parse(readFileSync(path.join(folder, file), 'utf8')) as Definition;
    const { schema } = spec.versions.find(({ name }) => name === 'v1') ?? {};
    if (schema === undefined) throw new Error(`${file} has no version v1`);
    const properties = { ...(schema.openAPIV3Schema.properties as Schema) };
    // What the operator tells is none of the chart's business.
    delete properties['status'];
    return [[`${spec.group}/v1 ${spec.names.kind}`, trimmed({ ...schema.openAPIV3Schema, properties })]];
  });
  return { properties: Object.fromEntries(properties) };
}

const [kubernetesFolder, strimziFolder] = process.argv.slice(2);
if (kubernetesFolder === undefined || strimziFolder === undefined) throw new Error(usage);
for (const [name, schema] of Object.entries({
  kubernetes: kubernetes(kubernetesFolder),
  strimzi: strimzi(strimziFolder),
})) {
  writeFileSync(path.join(target, `${name}.json`), `${JSON.stringify(schema)}\n`);
}
