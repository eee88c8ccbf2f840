import { reset } from './commands/reset';
import { start } from './commands/start';
import { StackError } from './stack-error';

async function main([command, ...args]: string[]): Promise<number> {
  if (command === 'start') return start(args, process.env);
  if (command === 'reset') return reset(process.env);
  throw new StackError('Usage: npm start, or npm run reset');
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: Error) => {
    console.error(error instanceof StackError ? error.message : error);
    process.exit(1);
  },
);
