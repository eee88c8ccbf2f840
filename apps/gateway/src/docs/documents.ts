// Made by tools/docs of the contracts and checked in where people read them, so they belong to no project.
// eslint-disable-next-line @nx/enforce-module-boundaries
export { default as asyncApi } from '../../../../docs/asyncapi.json';
// eslint-disable-next-line @nx/enforce-module-boundaries
export { default as openApi } from '../../../../docs/openapi.json';
