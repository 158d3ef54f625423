// The wire between Remora and its agents, declared once: every message by its name. Both sides use the names, nobody the
// bytes: the build gives them to the agents in capitals (`agents/wire/kinds.py`), and a test holds the files of both sides
// against this one. No kind has two meanings, so that a byte on the wire tells what it is.
//
// What is declared has one of three forms. A message is its kind, a length of 4 bytes (big-endian), and the payload. A word,
// for an agent at work, is its kind alone. A line, for an agent that reads lines, is known by its beginning.

/** What both sides name when they meet. To be raised when anything below changes its meaning. */
export const PROTOCOL = 2

/** The agents, and the file of `src/agents` with which each begins. */
export const AGENTS = {
  exec: 'run/exec',
  eval: 'run/eval',
  /** Holds the session of a `repl`, and the code for its lines. */
  'session-thread': 'repl/session_thread',
  /** Takes a line to that session, whose code then speaks over the line's own connection. */
  enter: 'repl/enter',
  pdb: 'pdb/main',
  trace: 'trace/main',
} as const

export type AgentName = keyof typeof AGENTS

/** Whose code sends or awaits something: an agent's, or the one that lets agents in. */
export type Side = AgentName | 'bootstrap'

/** Of a payload. `number` is one in decimal digits, `lines` are some of text. */
export type Format = 'none' | 'bytes' | 'text' | 'lines' | 'number' | Json<unknown>
/** `T` is for the compiler only: what a target says has still to be looked at. */
export type Json<T> = 'json' & { readonly type?: T }

export interface Declaration<F extends Format = Format> {
  /** The byte of a message or a word, the beginning of a line. */
  readonly kind: string
  readonly to: 'client' | 'agent'
  readonly form: 'message' | 'word' | 'line'
  readonly payload: F
  readonly agents: readonly Side[]
}

export interface FromAgent<F extends Format = Format> extends Declaration<F> {
  readonly to: 'client'
}

export interface ToAgent<F extends Format = Format> extends Declaration<F> {
  readonly to: 'agent'
  readonly form: 'message'
}

export interface Word extends Declaration<'none'> {
  readonly to: 'agent'
  readonly form: 'word'
}

export interface Line<F extends Format = Format> extends Declaration<F> {
  readonly to: 'agent'
  readonly form: 'line'
}

/** All that run code of the client's. */
const RUNS = ['exec', 'eval', 'session-thread'] as const

export const MESSAGES = {
  // How an agent is let in.
  hello: fromAgent('h', ['bootstrap'], json<Hello>()),
  start: toAgent('g', ['bootstrap'], json<Start>()),
  /** The agent's code, marshalled for the interpreter's magic number. */
  code: toAgent('m', ['bootstrap'], 'bytes'),
  /** The same as text, for an interpreter that the build did not know. */
  source: toAgent('s', ['bootstrap'], 'text'),

  // A run of code, from its output to its end, which comes last.
  stdout: fromAgent('o', RUNS, 'bytes'),
  stderr: fromAgent('e', RUNS, 'bytes'),
  /** These three come with an exception: its type's qualified name, its message, and how Python prints it. */
  errorType: fromAgent('T', RUNS, 'text'),
  errorMessage: fromAgent('M', RUNS, 'text'),
  errorTraceback: fromAgent('B', RUNS, 'text'),
  runEnded: fromAgent('r', RUNS, json<RunEnded>()),
  interrupt: word('i', RUNS),

  // The value of an expression: its repr, in pieces, or its address, at which it stays until it was read from outside.
  reprPiece: fromAgent('V', ['eval'], 'bytes'),
  valueAddress: fromAgent('v', ['eval'], 'number'),
  valueRead: word('d', ['eval']),
  /** How many frames there are, where the one that was asked for is not among them. */
  frameCount: fromAgent('F', ['eval', 'session-thread'], 'number'),

  // A session of lines: its thread, and what a line says beside its run.
  sessionThread: fromAgent('k', ['session-thread'], json<ThreadIds>()),
  /** A script as the interpreter is asked to run it, which the thread runs itself. */
  runScript: toAgent('x', ['session-thread'], 'text'),
  endSession: toAgent('q', ['session-thread'], 'none'),
  /** More must follow (`incomplete`) or may (`open`): nothing has been run. */
  unfinishedLine: fromAgent('I', ['session-thread'], 'text'),
  /** Its qualified name, its file, and the number of its line. */
  chosenFrame: fromAgent('u', ['session-thread'], 'lines'),
  completions: fromAgent('w', ['session-thread'], 'lines'),

  // A session of pdb. Its own protocol, which src/pdb/protocol.ts declares, goes within `pdbMessage`, and as lines of
  // reply, signal or complete to the agent.
  pdbBegun: fromAgent('S', ['pdb'], 'none'),
  /** With all threads: the one that has stopped, where it is another one than before. */
  pdbThread: fromAgent('N', ['pdb'], json<PdbThread>()),
  pdbRefused: fromAgent('X', ['pdb'], json<PdbRefusal>()),
  pdbMessage: fromAgent('p', ['pdb'], 'text'),
  /** What was typed so far, as a JSON text behind the beginning: is it a whole statement? */
  checkBlock: line('{"block":', ['pdb'], json<{ block: string }>()),
  blockState: fromAgent('b', ['pdb'], json<{ complete: boolean; error: string }>()),
  interruptPdb: line('{"interrupt":true}', ['pdb'], 'none'),
  /** No signal reaches the thread: the interrupt that was asked for has to come as a request. */
  interruptByRequest: fromAgent('n', ['pdb'], 'none'),
  /** Bytes of output that a slow client made the agent drop. */
  pdbDropped: fromAgent('D', ['pdb'], 'number'),
  pdbEnded: fromAgent('Q', ['pdb'], 'none'),

  // Probes. Each line is the JSON of one event; see src/trace/trace-agent.ts.
  traceEvents: fromAgent('t', ['trace'], 'lines'),
  stopTracing: word('f', ['trace']),
} as const

export interface Hello {
  readonly protocol: number
  /** By which the client knows the request. */
  readonly token: string
  /** The magic number of the interpreter's bytecode. */
  readonly magic: number
  /** What `threading` calls the thread, in hex; empty where it knows no name. */
  readonly thread: string
}

export interface Start {
  /** By which the agent knows the client. */
  readonly token: string
  /** What the agent's `main` is called with. */
  readonly config: unknown
}

export interface RunEnded {
  readonly outcome: 'completed' | 'raised'
  readonly runMs: number
  /** Bytes of output that a slow client made the agent drop. */
  readonly droppedBytes: number
}

export interface ThreadIds {
  readonly id: number
  readonly nativeId: number
}

export interface PdbThread extends ThreadIds {
  readonly name: string
}

export interface PdbRefusal {
  readonly reason: 'no-frame' | 'leaving' | 'debugger' | 'failed'
  readonly text: string
}

/** The fields that a JSON payload should have; a target may say anything, and what is no object has none. */
export function parseJson<T>(
  _declaration: Declaration<Json<T>>,
  payload: Buffer,
): { readonly [K in keyof T]?: unknown } {
  try {
    return Object(JSON.parse(payload.toString('utf8')))
  } catch {
    return {}
  }
}

function json<T>(): Json<T> {
  return 'json' as Json<T>
}

function fromAgent<F extends Format>(kind: string, agents: readonly Side[], payload: F): FromAgent<F> {
  return { kind, to: 'client', form: 'message', payload, agents }
}

function toAgent<F extends Format>(kind: string, agents: readonly Side[], payload: F): ToAgent<F> {
  return { kind, to: 'agent', form: 'message', payload, agents }
}

function word(kind: string, agents: readonly Side[]): Word {
  return { kind, to: 'agent', form: 'word', payload: 'none', agents }
}

function line<F extends Format>(kind: string, agents: readonly Side[], payload: F): Line<F> {
  return { kind, to: 'agent', form: 'line', payload, agents }
}
