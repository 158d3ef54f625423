import { expect, test } from 'vitest'
import { identify, pinProcess, requireSame } from './identity.js'
import { readStartTicks } from './status.js'

const { pid } = process
const startTicks = readStartTicks(pid)
/** Above the largest that Linux gives. */
const NOBODY = 4_194_305

test('a process is told by its PID and its start', () => {
  expect(pinProcess(pid)).toEqual({ pid, startTicks })
  expect(identify({ pid })).toEqual({ pid, startTicks })
  expect(identify({ pid, startTicks })).toEqual({ pid, startTicks })
  requireSame({ pid, startTicks })
})

test('another process of that PID is not the one that was named', () => {
  const earlier = { pid, startTicks: startTicks - 1 }
  const message = `process ${pid} has ended, and another process has its PID now`
  for (const ask of [identify, requireSame]) {
    expect(() => ask(earlier)).toThrow(expect.objectContaining({ code: 'TARGET_EXITED', message }))
  }
})

test('a PID that nobody has names nobody yet; a process that had it has ended', () => {
  expect(pinProcess(NOBODY)).toEqual({ pid: NOBODY })
  expect(() => identify({ pid: NOBODY })).toThrow(expect.objectContaining({ code: 'PROCESS_NOT_FOUND' }))
  const message = `process ${NOBODY} has ended`
  expect(() => identify({ pid: NOBODY, startTicks })).toThrow(
    expect.objectContaining({ code: 'TARGET_EXITED', message }),
  )
})
