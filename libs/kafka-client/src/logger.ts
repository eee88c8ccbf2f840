/** The part of pino that this lib uses. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const nothing = () => undefined;

/** A logger that says nothing; the default of every part. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
