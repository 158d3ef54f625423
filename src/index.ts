// The library. Everything that this file does not name is internal.

export type { ErrorCode } from './errors/codes.js'
export { type ErrorDetails, RemoraError } from './errors/remora-error.js'
export { type AttachOptions, attach, type PythonInfo, Target } from './session/attach.js'
export { type ConvertOptions, convert } from './session/convert.js'
export type * from './session/documents.js'
export type { EvalOptions } from './session/eval.js'
export type { ExecInAllThreadsOptions, ExecOptions } from './session/exec.js'
export type { RecordOptions } from './session/record.js'
export type { ChosenFrame, LineOptions, Repl, ReplOptions } from './session/repl.js'
export type { TopOptions } from './session/top.js'
export type { TraceOptions } from './session/trace.js'
