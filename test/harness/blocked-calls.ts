// Every way to block that test/programs/blocked.py knows, with what is to come of a nudge: the rows of
// docs/blocked-targets.md.

export interface BlockedCall {
  /** Function of blocked.py. */
  readonly name: string
  /** As a person would write it. */
  readonly text: string
  /** System calls in one of which it sits, by platform and version. */
  readonly syscalls: readonly string[]
  /** How it is woken, or the reason with which it is left alone; `itself` when it reaches a safe point without any help. */
  readonly outcome: 'interrupt' | 'pending-call' | 'itself' | RegExp
  /** What the program makes of the wait in the end. */
  readonly value: unknown
  /** It ends by itself, after this many seconds and no earlier. */
  readonly seconds?: number
  /** Only its text tells a reader that the interpreter may not be what is waited in. */
  readonly needsCompiler?: true
}

/** `ASKED` of blocked.py. */
const ASKED = 3
const READS = ['read']
const SELECTS = ['select', 'pselect6']
const POLLS = ['poll', 'ppoll']
const EPOLLS = ['epoll_wait', 'epoll_pwait']
const SLEEPS = ['clock_nanosleep', 'nanosleep']
const LOCKS = ['futex']

export const blockedCalls: readonly BlockedCall[] = [
  { name: 'input_from_pipe', text: 'input() from a pipe', syscalls: READS, outcome: 'interrupt', value: '' },
  {
    name: 'input_from_terminal',
    text: 'input() from a terminal',
    syscalls: READS,
    outcome: 'interrupt',
    value: 'half a line',
  },
  {
    name: 'input_with_readline',
    text: 'input() with readline',
    syscalls: SELECTS,
    outcome: 'interrupt',
    value: 'half a line',
  },
  { name: 'os_read', text: 'os.read() of a pipe', syscalls: READS, outcome: 'interrupt', value: 'read' },
  { name: 'os_write', text: 'os.write() to a full pipe', syscalls: ['write'], outcome: 'interrupt', value: 7 },
  { name: 'open_fifo', text: 'open() of a FIFO', syscalls: ['openat', 'open'], outcome: 'interrupt', value: '' },
  { name: 'socket_recv', text: 'socket.recv()', syscalls: ['recvfrom'], outcome: 'interrupt', value: 'received' },
  {
    name: 'socket_recv_timeout',
    text: 'socket.recv() with a time-out',
    syscalls: POLLS,
    outcome: 'interrupt',
    value: 'timed out',
    seconds: ASKED,
  },
  { name: 'socket_recvmsg', text: 'socket.recvmsg()', syscalls: ['recvmsg'], outcome: 'interrupt', value: 'received' },
  { name: 'socket_sendall', text: 'socket.sendall()', syscalls: ['sendto'], outcome: 'interrupt', value: null },
  {
    name: 'socket_accept',
    text: 'socket.accept()',
    syscalls: ['accept', 'accept4'],
    outcome: 'interrupt',
    value: true,
  },
  { name: 'socket_connect', text: 'socket.connect(), TCP', syscalls: ['connect'], outcome: 'interrupt', value: true },
  {
    name: 'unix_connect',
    text: 'socket.connect(), Unix socket',
    syscalls: ['connect'],
    outcome: /could not be taken up again/,
    value: true,
  },
  {
    name: 'select_select',
    text: 'select.select()',
    syscalls: SELECTS,
    outcome: 'interrupt',
    value: [[], [], []],
    seconds: ASKED,
  },
  { name: 'select_poll', text: 'select.poll()', syscalls: POLLS, outcome: 'interrupt', value: [], seconds: ASKED },
  { name: 'select_epoll', text: 'select.epoll()', syscalls: EPOLLS, outcome: 'interrupt', value: [], seconds: ASKED },
  {
    name: 'asyncio_sleep',
    text: 'await asyncio.sleep()',
    syscalls: EPOLLS,
    outcome: 'interrupt',
    value: 'slept',
    seconds: ASKED,
  },
  { name: 'asyncio_queue', text: 'await asyncio.Queue.get()', syscalls: EPOLLS, outcome: 'interrupt', value: 'item' },
  {
    name: 'asyncio_stream',
    text: 'await StreamReader.readline()',
    syscalls: EPOLLS,
    outcome: 'interrupt',
    value: 'line\n',
  },
  { name: 'time_sleep', text: 'time.sleep()', syscalls: SLEEPS, outcome: 'interrupt', value: null, seconds: ASKED },
  { name: 'subprocess_wait', text: 'Popen.wait()', syscalls: ['wait4'], outcome: 'interrupt', value: 0 },
  { name: 'os_waitpid', text: 'os.waitpid()', syscalls: ['wait4'], outcome: 'interrupt', value: true },
  { name: 'os_waitid', text: 'os.waitid()', syscalls: ['waitid'], outcome: 'interrupt', value: true },
  {
    name: 'os_system',
    text: 'os.system()',
    syscalls: ['wait4'],
    outcome: /step of the C library's/,
    value: 0,
    seconds: ASKED,
  },
  { name: 'lock_acquire', text: 'Lock.acquire()', syscalls: LOCKS, outcome: 'pending-call', value: true },
  {
    name: 'lock_acquire_timeout',
    text: 'Lock.acquire() with a time-out',
    syscalls: LOCKS,
    outcome: 'pending-call',
    value: false,
    seconds: ASKED,
  },
  { name: 'rlock_acquire', text: 'RLock.acquire()', syscalls: LOCKS, outcome: 'pending-call', value: true },
  { name: 'condition_wait', text: 'Condition.wait()', syscalls: LOCKS, outcome: 'pending-call', value: true },
  { name: 'event_wait', text: 'Event.wait()', syscalls: LOCKS, outcome: 'pending-call', value: true },
  { name: 'queue_get', text: 'queue.Queue.get()', syscalls: LOCKS, outcome: 'pending-call', value: 'item' },
  {
    name: 'simple_queue_get',
    text: 'queue.SimpleQueue.get()',
    syscalls: LOCKS,
    outcome: 'pending-call',
    value: 'item',
  },
  { name: 'semaphore_acquire', text: 'Semaphore.acquire()', syscalls: LOCKS, outcome: 'pending-call', value: true },
  { name: 'thread_join', text: 'Thread.join()', syscalls: LOCKS, outcome: 'pending-call', value: null },
  { name: 'future_result', text: 'Future.result()', syscalls: LOCKS, outcome: 'pending-call', value: 'result' },
  {
    name: 'pool_get',
    text: 'AsyncResult.get() of a multiprocessing.Pool',
    syscalls: LOCKS,
    outcome: 'pending-call',
    value: null,
    seconds: ASKED,
  },
  { name: 'process_lock', text: 'multiprocessing.Lock.acquire()', syscalls: LOCKS, outcome: 'interrupt', value: true },
  { name: 'file_flock', text: 'fcntl.flock()', syscalls: ['flock'], outcome: 'interrupt', value: null },
  { name: 'file_lockf', text: 'fcntl.lockf()', syscalls: ['fcntl'], outcome: 'interrupt', value: null },
  {
    name: 'sqlite_busy',
    text: 'sqlite3, a locked database',
    syscalls: SLEEPS,
    outcome: /called by libsqlite3/,
    value: 'database is locked',
  },
  {
    name: 'foreign_sleep',
    text: 'ctypes.CDLL(None).sleep()',
    syscalls: SLEEPS,
    outcome: /called by libffi/,
    value: 0,
    seconds: ASKED,
  },
  {
    name: 'foreign_sleep_with_gil',
    text: 'ctypes.PyDLL(None).sleep(), which keeps the GIL',
    syscalls: SLEEPS,
    outcome: /called by libffi/,
    value: 0,
    seconds: ASKED,
  },
  {
    name: 'extension_sleep',
    text: 'a C extension that sleeps without the GIL',
    syscalls: SLEEPS,
    outcome: /called by sleeper\.so/,
    value: 0,
    seconds: ASKED,
    needsCompiler: true,
  },
  {
    name: 'extension_sleep_with_gil',
    text: 'a C extension that sleeps with the GIL',
    syscalls: SLEEPS,
    outcome: /called by sleeper\.so/,
    value: 0,
    seconds: ASKED,
    needsCompiler: true,
  },
  { name: 'zlib_compress', text: 'zlib.compress() of 60 MB', syscalls: [], outcome: 'itself', value: true },
  {
    name: 'signal_pause',
    text: 'signal.pause()',
    syscalls: ['pause', 'ppoll'],
    outcome: /would return early/,
    value: null,
  },
  {
    name: 'signal_sigwait',
    text: 'signal.sigwait()',
    syscalls: ['rt_sigtimedwait'],
    outcome: /wait for a signal/,
    value: true,
  },
  {
    name: 'signal_sigtimedwait',
    text: 'signal.sigtimedwait()',
    syscalls: ['rt_sigtimedwait'],
    outcome: /wait for a signal/,
    value: null,
    seconds: ASKED,
  },
]
