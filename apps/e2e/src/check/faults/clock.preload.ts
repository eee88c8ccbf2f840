/**
 * Loaded by `node --require` before an app: its wall clock goes wrong by as many milliseconds as the file named
 * after its process id says, and the file beside it tells what it has taken. Timers run on as they do in a
 * process whose machine sets its clock. No imports: it is run as it stands, by Node's own type stripping.
 */
{
  const { existsSync, readFileSync, writeFileSync } = process.getBuiltinModule('node:fs');
  const file = `${process.env.CHECK_CLOCKS}/${process.pid}`;
  const real = Date;
  const realNow = real.now.bind(real);
  let wrongBy = 0;
  const now = (): number => realNow() + wrongBy;

  const wrong = new Proxy(real, {
    construct: (target, args: unknown[], as) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, as) as Date,
    apply: () => new real(now()).toString(),
  });
  real.now = now;
  real.prototype.constructor = wrong;
  globalThis.Date = wrong;

  const look = (): void => {
    if (!existsSync(file)) return;
    const asked = Number(readFileSync(file, 'utf8'));
    if (asked === wrongBy) return;
    wrongBy = asked;
    writeFileSync(`${file}.taken`, String(asked));
  };
  setInterval(look, 50).unref();
}
