const PATHS = {
  home: 'M4 11.5 12 5l8 6.5V19a1 1 0 0 1-1 1h-4.5v-5h-5v5H5a1 1 0 0 1-1-1z',
  packages: 'M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8',
  requests: 'M7 4h10a1 1 0 0 1 1 1v15l-3-2-3 2-3-2-3 2V5a1 1 0 0 1 1-1zM9.5 9h5M9.5 13h5',
  approvals: 'M12 3.5l7 3v5c0 4.5-3 7.5-7 9-4-1.500-7-4.500-7-9v-5zM9 12l2.200 2.200L15.200 10',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.500 20a7.500 7.500 0 0 1 15 0',
  check: 'M5 12.500l4.500 4.500L19 7.500',
  cross: 'M6.500 6.500l11 11M17.500 6.500l-11 11',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7.500V12l3 2',
  alert: 'M12 4l9 16H3zM12 10v4.500M12 17.200v.2',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5.500M12 7.600v.2',
  truck: 'M12 4v11M7.500 10.500 12 15l4.500-4.500M5 19.500h14',
  search: 'M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13zM15.500 15.500 20 20',
  forward: 'M9 5l7 7-7 7',
  back: 'M15 5l-7 7 7 7',
  key: 'M8.500 19a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM11.500 12.500 19 5M16 8l2.500 2.500',
  calendar: 'M5 6h14v14H5zM5 10.500h14M9 3.500v4M15 3.500v4',
  send: 'M4 12l16-7-6 15-3-6.500z',
  minus: 'M6 12h12',
} as const

export type IconName = keyof typeof PATHS

/** Pictures beside a word, never instead of one; those that point along the line are mirrored with it. */
export function Icon({ name, size = 20 }: { readonly name: IconName; readonly size?: number }) {
  const points = name === 'forward' || name === 'back' || name === 'send'
  return (
    <svg
      aria-hidden="true"
      focusable="false"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      data-points={points || undefined}
    >
      <path d={PATHS[name]} />
    </svg>
  )
}
