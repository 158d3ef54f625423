// The option `--budget cpu=5%,events=100,bytes=1000000`: any of the three, in any order.

import { RemoraError } from '../../errors/remora-error.js'
import type { TraceOptions } from '../../session/run/trace.js'

const FORM = /^(?:(cpu)=(\d+(?:\.\d+)?)%|(events|bytes)=([1-9]\d{0,11}))$/
const NAMES = { events: 'eventsPerSecond', bytes: 'bytesPerSecond' } as const

export function readBudget(text: string | undefined): NonNullable<TraceOptions['budget']> {
  if (text === undefined) return {}
  return Object.assign({}, ...text.split(',').map(readLimit))
}

function readLimit(text: string): NonNullable<TraceOptions['budget']> {
  const [, cpu, percent, name, number] = FORM.exec(text) ?? []
  if (cpu !== undefined && Number(percent) > 0) return { cpuShare: Number(percent) / 100 }
  if (name !== undefined) return { [NAMES[name as keyof typeof NAMES]]: Number(number) }
  throw new RemoraError('USAGE', `--budget takes limits such as cpu=5%,events=100,bytes=1000000, not ${text}`, {
    command: 'trace',
  })
}
