export { sql, type Kysely, type Transaction } from 'kysely';
export * from './database';
export * from './migrations';
export * from './outbox';
