// What holds for every attach on this machine: the platform, this Node, koffi, and what the kernel allows. Looks at no
// process in particular.

import os from 'node:os'
import { RemoraError } from '../../errors/remora-error.js'
import { loadKoffi, loadLibc } from '../../native/koffi.js'
import { isKnownMachine, MACHINE_NAME } from '../../native/machine.js'
import { hasPtraceCapability, readYamaScope } from '../../process/permission.js'
import { userName } from '../../process/status.js'
import { listProcesses } from '../target/list-processes.js'
import { type Check, fail, pass, type Verdict } from './check.js'

/** As package.json has it under `engines`. */
const OLDEST_NODE = [20, 19] as const

export const platformCheck: Check<undefined> = { id: 'platform', decisive: true, run: checkPlatform }

export const machineChecks: readonly Check<undefined>[] = [
  platformCheck,
  { id: 'node', run: checkNode },
  { id: 'koffi', run: checkKoffi },
  { id: 'yama', run: checkYama },
  { id: 'capability', run: checkCapability },
  { id: 'processes', run: checkProcesses },
]

function checkPlatform(): Verdict {
  if (isKnownMachine()) return pass(`${MACHINE_NAME}, kernel ${os.release()}`)
  return fail(new RemoraError('PLATFORM_UNSUPPORTED', `Remora does not run on ${MACHINE_NAME} yet`))
}

function checkNode(): Verdict {
  const { node } = process.versions
  const [major = 0, minor = 0] = node.split('.').map(Number)
  const isNewEnough = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])
  if (isNewEnough) return pass(`Node.js ${node}`)
  const wanted = OLDEST_NODE.join('.')
  return {
    ok: false,
    detail: `Node.js ${node} is older than ${wanted}`,
    remedy: 'Install a newer one: nvm install --lts',
  }
}

function checkKoffi(): Verdict {
  if (loadKoffi() !== undefined && loadLibc() !== undefined) {
    return pass('koffi loads: code can be run in every thread')
  }
  return pass('koffi does not load: code can only be run in main threads', 'For the other threads: npm install koffi')
}

function checkYama(): Verdict {
  const yamaScope = readYamaScope()
  if (yamaScope === undefined) return pass('this kernel has no yama: users decide who may attach')
  const name = `yama ptrace_scope ${yamaScope}`
  if (yamaScope === 0) return pass(`${name}: users decide who may attach`)
  if (yamaScope < 3 && hasPtraceCapability()) return pass(`${name}, which CAP_SYS_PTRACE overrides`)
  return fail(new RemoraError('PERMISSION_DENIED', `${name} forbids this user to attach`, { yamaScope }))
}

function checkCapability(): Verdict {
  const user = userName(process.geteuid?.() ?? 0)
  return hasPtraceCapability()
    ? pass(`Remora runs as ${user} with CAP_SYS_PTRACE: processes of all users can be attached to`)
    : pass(`Remora runs as ${user} without CAP_SYS_PTRACE: only processes of that user can be attached to`)
}

function checkProcesses(): Verdict {
  const { processes } = listProcesses()
  const count = processes.filter(({ attachable }) => attachable).length
  const total = processes.length === 1 ? '1 Python process' : `${processes.length} Python processes`
  return pass(
    processes.length === 0 ? 'no Python process is running' : `${total}, ${count} of them attachable; see: remora ps`,
  )
}
