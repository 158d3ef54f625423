import os from 'node:os'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openImages } from '../../test/images/open-image.js'
import { parseStatus, readStartTime, readStatus, userName } from './status.js'

const text = (lines: Record<string, string>) =>
  Object.entries({
    Name: 'a State:\tZ',
    State: 'S (sleeping)',
    TracerPid: '0',
    Uid: '1000\t1001\t1002\t1003',
    ...lines,
  })
    .map(([name, value]) => `${name}:\t${value}\n`)
    .join('')

test('tells an ordinary process', () => {
  const status = parseStatus(70, text({ Gid: '5\t6\t7\t8', NSpid: '70', VmSize: '    3776 kB' }))
  expect(status).toEqual({
    pid: 70,
    state: 'S',
    uid: 1001,
    gid: 6,
    innerPid: 70,
    ownPidNamespace: false,
    tracerPid: 0,
    kernelThread: false,
  })
})

test('takes the innermost of several PID namespaces, and the PID itself on kernels that tell none', () => {
  expect(parseStatus(70, text({ NSpid: '70\t12\t1' }))).toMatchObject({ innerPid: 1, ownPidNamespace: true })
  expect(parseStatus(70, text({})).innerPid).toBe(70)
})

test('tells a zombie from a kernel thread, neither of which has memory', () => {
  expect(parseStatus(70, text({ State: 'Z (zombie)' }))).toMatchObject({ state: 'Z', kernelThread: false })
  expect(parseStatus(2, text({}))).toMatchObject({ state: 'S', kernelThread: true })
  expect(parseStatus(70, text({ TracerPid: '99', State: 't (tracing stop)' }))).toMatchObject({
    state: 't',
    tracerPid: 99,
  })
})

test('does not take a process that is about to end for a kernel thread, where the kernel tells', () => {
  expect(parseStatus(70, text({ State: 'R (running)', Kthread: '0' })).kernelThread).toBe(false)
  expect(parseStatus(2, text({ Kthread: '1' })).kernelThread).toBe(true)
})

test('tells the recorded processes', () => {
  for (const { facts } of openImages()) {
    const status = parseStatus(facts.pid, facts.status)
    expect(status).toMatchObject({
      pid: facts.pid,
      state: expect.stringMatching(/^[SR]$/),
      tracerPid: 0,
      kernelThread: false,
    })
    expect(status.innerPid).toBeGreaterThan(0)
  }
})

test('tells this process', () => {
  expect(readStatus(process.pid)).toMatchObject({
    pid: process.pid,
    uid: process.geteuid?.(),
    gid: process.getegid?.(),
  })
  expect(() => readStatus(2 ** 30)).toThrow(expect.objectContaining({ code: 'PROCESS_NOT_FOUND' }))
  expect(Math.abs(Date.now() - process.uptime() * 1000 - readStartTime(process.pid).getTime())).toBeLessThan(5_000)
})

test('a user without a name is named by its number', () => {
  vi.spyOn(os, 'userInfo').mockImplementation(() => {
    throw new Error('no such user')
  })
  onTestFinished(() => void vi.restoreAllMocks())
  const own = vi.spyOn(process, 'geteuid').mockReturnValue(54_321)
  expect([userName(54_321), own.mock.calls.length]).toEqual(['54321', 1])
})
