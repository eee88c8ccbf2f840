/**
 * Stands for an app's main.js and becomes it: in the namespace that `CHECK_CABLES` has for its port, else as it is.
 * No imports: it is run as it stands, by Node's own type stripping.
 */
{
  interface Place {
    main: string;
    cable?: { namespace: string; inside: string; outside: string };
  }
  const { CHECK_CABLES = '{}', PORT = '' } = process.env;
  const { main, cable } = (JSON.parse(CHECK_CABLES) as Record<string, Place>)[PORT] as Place;
  const env: Record<string, string> = {};
  for (const [name, value = ''] of Object.entries(process.env))
    env[name] = cable ? value.replaceAll('127.0.0.1', cable.outside) : value;
  if (cable) env.HOST = cable.inside;
  const enter = cable ? ['ip', 'netns', 'exec', cable.namespace] : [];
  const command = ['env', ...enter, process.execPath, '--enable-source-maps', main];
  process.execve?.('/usr/bin/env', command, env);
}
