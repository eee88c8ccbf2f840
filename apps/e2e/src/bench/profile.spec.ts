import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeTempFolder, removeFolder } from '@maru/stack';
import { profileReport } from './profile';
import { sharedClockUs } from './statistics';

const program = `
  function early() { for (const end = performance.now() + 300; performance.now() < end; ); }
  function late() { for (const end = performance.now() + 300; performance.now() < end; ); }
  early();
  console.log(String(process.hrtime.bigint() / 1000n));
  late();`;

describe('a CPU profile', () => {
  const folder = makeTempFolder('maru-profile-spec-');
  afterAll(() => removeFolder(folder));

  it('is told for the time that was measured alone', () => {
    const file = path.join(folder, 'program.js');
    writeFileSync(file, program);
    const flags = ['--cpu-prof', `--cpu-prof-dir=${folder}`];
    const between = Number(execFileSync(process.execPath, [...flags, file], { encoding: 'utf8' }));
    const report = profileReport(folder, [[between, sharedClockUs()]]);
    expect(report).toMatch(/% {2}late .*program\.js:3/);
    expect(report).not.toContain('early');
    expect(profileReport(folder, [[0, Infinity]])).toMatch(/% {2}early .*program\.js:2/);
    expect(profileReport(folder, [[0, 1]])).toContain('No profile');
  });
});
