import { describe, expect, test } from 'vitest'
import { RemoraError } from './remora-error.js'

describe('who may not read a process is told what would let them', () => {
  test.each([
    [{}, 'sudo remora'],
    [{ ownerUser: 'ada' }, 'sudo -u ada remora'],
    [{ yamaScope: 1 }, 'sudo sysctl kernel.yama.ptrace_scope=0'],
    // That would not help with the process of somebody else.
    [{ yamaScope: 1, ownerUser: 'ada' }, 'Run Remora as root: sudo remora'],
    [{ yamaScope: 2 }, 'CAP_SYS_PTRACE (yama ptrace_scope 2). Run Remora as root: sudo remora'],
    [{ yamaScope: 2, ownerUser: 'ada' }, 'Run Remora as root: sudo remora'],
    // Who is root already is in a container.
    [{ container: true }, '--cap-add=SYS_PTRACE'],
    [{ yamaScope: 1, container: true }, '--cap-add=SYS_PTRACE'],
    [{ yamaScope: 2, container: true }, '--cap-add=SYS_PTRACE'],
    // Who has the right, but not for a target outside.
    [{ userNamespace: true }, 'Run Remora outside as well: sudo remora'],
    [{ yamaScope: 1, userNamespace: true }, 'Run Remora outside as well: sudo remora'],
    [{ yamaScope: 3, container: true }, 'until the next boot'],
    [{ yamaScope: 3, ownerUser: 'ada' }, 'until the next boot'],
  ])('%j', (details, hint) => {
    expect(new RemoraError('PERMISSION_DENIED', 'no', details).hint).toContain(hint)
  })
})
