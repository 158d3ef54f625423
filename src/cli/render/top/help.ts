// The help that `?` shows on the screen.

export const helpLines: readonly string[] = [
  'Keys',
  '  1 2 3 4, Tab   functions, lines, threads with their stacks, asyncio tasks',
  '  s              sort by samples in the function itself (self), or with all it calls (total)',
  '  m              which samples count: wall (all), cpu, gil, exceptions',
  '  /              show only rows that contain some text',
  '  up down j k    move; PageUp PageDown Home End too',
  '  Enter          on a function or a line: its source with heat; on a thread: only what it does',
  '  < >            the thread before, the next one',
  '  Escape         back: closes the source, then all threads again, then no filter',
  '  p, Space       stand still, and go on; sampling goes on meanwhile',
  '  ? h            this help',
  '  q, Ctrl-C      quit',
  '',
  'Shares are of the samples of the last seconds that count. CPU: threads that run or are ready to;',
  'GIL: threads that hold it. CPU can be more than 100 %: threads are added up.',
]
