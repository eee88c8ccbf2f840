import type { ComponentChildren } from 'preact';

function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}
const drawn = (path: string) => () => (
  <Icon>
    <path d={path} />
  </Icon>
);

export const BackIcon = drawn('M15 5l-7 7 7 7');
export const BellIcon = drawn('M6 16v-5a6 6 0 1112 0v5l1.500 2h-15L6 16zM10 21h4');
export const BellOffIcon = drawn('M6 16v-5a6 6 0 018-5.600M18 11v5l1.500 2h-15L6 16M10 21h4M4 4l16 16');
export const ClockIcon = drawn('M12 21a9 9 0 100-18 9 9 0 000 18zM12 7v5l3 2');
export const CloseIcon = drawn('M6 6l12 12M18 6L6 18');
export const CompassIcon = drawn('M12 21a9 9 0 100-18 9 9 0 000 18zM15.500 8.500l-2 5-5 2 2-5 5-2z');
export const DownIcon = drawn('M12 5v14M6 13l6 6 6-6');
export const UpIcon = drawn('M12 19V5M6 11l6-6 6 6');
export const EditIcon = drawn('M4 20l1-4L16 5l3 3L8 19l-4 1z');
export const ExitIcon = drawn('M14 4H6v16h8M10 12h10M16 8l4 4-4 4');
export const HashIcon = drawn('M5 9h15M4 15h15M10 4L8 20M16 4l-2 16');
export const LockIcon = drawn('M6 11h12v9H6zM9 11V8a3 3 0 016 0v3');
export const MoreIcon = drawn('M12 21a9 9 0 100-18 9 9 0 000 18zM12 11v5M12 8v.01');
export const PersonIcon = drawn('M12 12a4 4 0 100-8 4 4 0 000 8zM5 20c0-4 3-6 7-6s7 2 7 6');
export const PlusIcon = drawn('M12 5v14M5 12h14');
export const ReplyIcon = drawn('M9 7l-5 5 5 5M4 12h10c4 0 6 2 6 6');
export const SendIcon = drawn('M4 12l16-8-6 16-3-7-7-1z');
export const SmileIcon = drawn(
  'M12 21a9 9 0 100-18 9 9 0 000 18zM8.500 14a4 4 0 007 0M9 9.500v.01M15 9.500v.01',
);
export const TickIcon = drawn('M5 13l4 4L19 7');
export const TrashIcon = drawn('M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13');
export const WarnIcon = drawn('M12 3l10 18H2L12 3zM12 10v5M12 18v.01');

export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="9" />
      <path d="M8 22V11.200c0-.700.900-1 1.300-.500L16 19l6.700-8.300c.400-.500 1.300-.200 1.300.500V22" />
    </svg>
  );
}
