export * from './auth';
export * from './chat';
export * from './errors';
export * from './routes';
export * from './socket';
export * from './topics';
export * from './users';
export * from './values';
