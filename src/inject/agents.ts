// The agents that run code: each is made of the files that it shares with others, and one of its own.

import alarmSource from '../agents/alarm.py'
import channelSource from '../agents/channel.py'
import completeSource from '../agents/complete.py'
import enterSource from '../agents/enter.py'
import evalSource from '../agents/eval.py'
import evaluationSource from '../agents/evaluation.py'
import execSource from '../agents/exec.py'
import interruptSource from '../agents/interrupt.py'
import keepSource from '../agents/keep.py'
import lineSource from '../agents/line.py'
import frameSource from '../agents/program_frame.py'
import redirectSource from '../agents/redirect.py'
import runSource from '../agents/run.py'
import strikeSource from '../agents/strike.py'

/** What all of them are built on. */
const shared: readonly string[] = [
  frameSource,
  channelSource,
  redirectSource,
  alarmSource,
  strikeSource,
  interruptSource,
  runSource,
]
const join = (first: readonly string[], ...own: readonly string[]): string => [...first, ...own].join('\n\n')

/** Runs a script. */
export const scriptAgent: string = /* @__PURE__ */ join(shared, execSource)
/** Evaluates an expression in a frame. */
export const evalAgent: string = /* @__PURE__ */ join(shared, evaluationSource, evalSource)
/** Keeps a session, with the code for its lines. */
export const keepAgent: string = /* @__PURE__ */ join(shared, evaluationSource, lineSource, completeSource, keepSource)
/** Takes a line to its session. */
export const enterAgent: string = /* @__PURE__ */ join([frameSource], enterSource)
