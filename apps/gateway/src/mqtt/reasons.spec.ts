import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CodedError, type ErrorCode } from '@maru/contracts';
import { closingReasons, refusalOf, returnCode } from './reasons';

const page = readFileSync(path.join(__dirname, '../../../../docs/doors/mqtt.md'), 'utf8');
const hex = (reason: number): string => `0x${reason.toString(16).toUpperCase().padStart(2, '0')}`;

describe('reason codes', () => {
  it('are those of the page', () => {
    const rows = [...page.matchAll(/^\| ((?:`\w+`[, ]*)+) *\| (0x\w\w) +\| (\d) +\| (0x\w\w) +\|$/gm)];
    expect(rows).toHaveLength(8);
    for (const [, codes = '', ...told] of rows) {
      for (const [, code] of codes.matchAll(/`(\w+)`/g)) {
        const error = new CodedError(code as ErrorCode);
        const { reason } = refusalOf(error, 'connack');
        const puback = refusalOf(error, 'puback').reason;
        expect([code, hex(reason), String(returnCode(reason)), hex(puback)]).toEqual([code, ...told]);
      }
    }
  });

  it('tell why the gateway ends a connection, as the page says', () => {
    for (const [code, reason] of Object.entries(closingReasons)) {
      if (code === 'frame_too_large') continue;
      expect(page).toMatch(new RegExp(`^\\| ${hex(reason)} +\\| \`${code}\``, 'm'));
    }
  });
});
