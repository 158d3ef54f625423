// Targets that live somewhere else: another user, another mount, PID or user namespace, a chroot, a read-only root.
// These need root (or a kernel that lets users make namespaces); where that is missing the test says so and is skipped.

import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkoutFolder } from '../../harness/checkout.js'
import { expectUnchanged } from '../../harness/fingerprint.js'
import { interpreters } from '../../harness/interpreters.js'
import { canBeNobody, NOBODY } from '../../harness/nobody.js'
import { expectUndisturbed as expectUndisturbedByPdb } from '../../harness/pdb.js'
import { remora } from '../../harness/remora.js'
import { toShellWord } from '../../harness/shell.js'
import { programPath, startTarget, type TestTarget } from '../../harness/target.js'
import { temporaryDirectory } from '../../harness/temporary.js'

const releases = interpreters.filter(({ debug }) => !debug)
const root = process.getuid?.() === 0
if (!root) console.warn('SKIPPED: a test of an interpreter that is replaced, as it needs root')
const namespaces = spawnSync('unshare', ['-m', 'true']).status === 0
if (!namespaces) console.warn('SKIPPED: tests of namespaces, as `unshare -m` does not work here')
const userNamespaces = spawnSync('unshare', ['-U', '-r', 'true']).status === 0
if (!userNamespaces) console.warn('SKIPPED: tests of user namespaces, as `unshare -U` does not work here')

const WHO = 'import os, sys\nprint(os.getuid(), sys._getframe(1).f_code.co_name)'

describe.each(releases)('$name', (interpreter) => {
  async function expectUndisturbed(program: TestTarget, pid = program.pid): Promise<void> {
    const result = await remora(['exec', pid, '-c', WHO])
    expect([result.complaints, result.code]).toEqual(['', 0])
    expect(result.stdout).toMatch(/^\d+ spin\n$/)
    const { result: right, fingerprint, exit } = await program.finish()
    expect([right, exit, program.stderr]).toEqual([true, 0, ''])
    expectUnchanged(program.before, fingerprint)
  }

  test.skipIf(!canBeNobody)('root attaches to the process of another user', async () => {
    const program = await startTarget(interpreter, 'busy.py', { launcher: NOBODY })
    await expectUndisturbed(program)
  })

  test.skipIf(!canBeNobody)('a user attaches to a process of their own', async () => {
    const program = await startTarget(interpreter, 'busy.py', { launcher: NOBODY })
    const result = await remora(['exec', program.pid, '-c', WHO], { launcher: NOBODY })
    expect(result).toMatchObject({ stdout: '65534 spin\n', complaints: '', code: 0 })
  })

  test.skipIf(!canBeNobody)('a user may not attach to a process of somebody else', async () => {
    const program = await startTarget(interpreter, 'busy.py')
    const result = await remora(['exec', program.pid, '-c', WHO], { launcher: NOBODY })
    expect([result.code, result.stdout]).toEqual([3, ''])
    expect(result.stderr).toBe(
      `remora: process ${program.pid} belongs to root; its memory can be read by that user and by root\n` +
        '  Run Remora as that user or as root: sudo -u root remora …\n',
    )
  })

  test.skipIf(!canBeNobody)('root without the capability, as in a container, is told so', async () => {
    const program = await startTarget(interpreter, 'busy.py', { launcher: NOBODY })
    const launcher = ['setpriv', '--bounding-set=-sys_ptrace', '--inh-caps=-sys_ptrace']
    const result = await remora(['exec', program.pid, '-c', WHO], { launcher })
    expect(result.code).toBe(3)
    expect(result.stderr).toContain('docker run --cap-add=SYS_PTRACE')
  })

  test.skipIf(!canBeNobody)('files in the rendezvous belong to the target’s user and to nobody else', async () => {
    const program = await startTarget(interpreter, 'busy.py', { launcher: NOBODY })
    const code = [
      'import os, stat, sys',
      'place = sys.stdout.run.place',
      'for path in (place["directory"], place["socket"]):',
      '    status = os.stat(path)',
      '    print(oct(stat.S_IMODE(status.st_mode)), status.st_uid)',
      'print(os.listdir(place["directory"]))',
    ].join('\n')
    const { stdout } = await remora(['exec', program.pid, '-c', code])
    const [directory, socket, names] = stdout.trim().split('\n')
    expect(directory).toBe('0o700 65534')
    expect(socket).toMatch(/ 65534$/)
    // The script that the request named is gone once it has begun, or is ours to read alone.
    expect(names).toMatch(/^\['s'(, '[0-9a-f]{16}\.py')?\]$|^\['[0-9a-f]{16}\.py', 's'\]$/)
  })

  test.skipIf(!namespaces)('another mount namespace, with a /dev/shm and a /tmp of its own', async () => {
    const program = await startTarget(interpreter, 'busy.py', {
      launcher: withMounts(['/dev/shm', '/tmp'], 'rw'),
    })
    await expectUndisturbed(program)
  })

  test.skipIf(!namespaces)('another PID namespace, as in a container', async () => {
    const program = await startTarget(interpreter, 'busy.py', {
      launcher: ['unshare', '-m', '-p', '-f', '--mount-proc', '--kill-child'],
    })
    const pid = Number(fs.readFileSync(`/proc/${program.pid}/task/${program.pid}/children`, 'utf8'))
    const { stdout } = await remora(['exec', pid, '--json', '-c', 'import os; print(os.getpid())'])
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'completed', stdout: '1\n', thread: { nativeId: 1 } })
    await expectUndisturbed(program, pid)
  })

  test.skipIf(!userNamespaces)('another user namespace', async () => {
    const program = await startTarget(interpreter, 'busy.py', { launcher: ['unshare', '-U', '-r', '-m'] })
    await expectUndisturbed(program)
  })

  test.skipIf(!namespaces)('a read-only root with one writable place', async () => {
    const program = await startTarget(interpreter, 'busy.py', {
      launcher: withMounts(['/dev/shm', '/var/tmp', '/run'], 'ro'),
    })
    await expectUndisturbed(program)
  })

  test.skipIf(!namespaces)('a place that is full is passed over', async () => {
    const program = await startTarget(interpreter, 'busy.py', {
      launcher: withMounts([], 'rw', 'mount -t tmpfs -o size=64k none /dev/shm', 'echo > /dev/shm/something'),
    })
    const { stdout } = await remora(['exec', program.pid, '-c', 'import sys; print(sys.stdout.run.place["directory"])'])
    expect(stdout).toMatch(/^\/tmp\//)
    await expectUndisturbed(program)
  })

  test.skipIf(!namespaces)('no writable place at all: the error names each, and --rendezvous mends it', async () => {
    const own = '/srv'
    const program = await startTarget(interpreter, 'busy.py', {
      launcher: withMounts(['/dev/shm', '/tmp', '/var/tmp', '/run'], 'ro', `mount -t tmpfs none ${own}`),
    })
    const result = await remora(['exec', program.pid, '-c', WHO])
    expect([result.code, result.stdout]).toEqual([3, ''])
    expect(result.stderr).toContain('tried /dev/shm (EROFS), /tmp (EROFS), /var/tmp (EROFS), /run (EROFS)')
    expect(await remora(['exec', program.pid, '--rendezvous', own, '-c', WHO])).toMatchObject({
      code: 0,
      complaints: '',
    })
  })

  test.skipIf(!namespaces)('a chroot', async () => {
    const program = await startTarget(interpreter, 'busy.py', {
      launcher: chroot(temporaryDirectory(), interpreter.path),
    })
    await expectUndisturbed(program)
  })

  test.skipIf(!canBeNobody || !namespaces)('pdb: another user, and other mount and network namespaces', async () => {
    for (const launcher of [NOBODY, [...withMounts(['/dev/shm', '/tmp'], 'rw'), 'unshare', '-n']]) {
      const program = await startTarget(interpreter, 'busy.py', { launcher })
      const result = await remora(['pdb', program.pid, '-c', 'p __import__("os").getuid()', '-c', 'where', '-c', 'q'])
      expect([result.complaints, result.code]).toEqual(['', 0])
      expect(result.stdout).toMatch(/^(0|65534)\n[\s\S]*busy\.py\(\d+\)spin\(\)/)
      await expectUndisturbedByPdb(interpreter, program)
    }
  })

  test.skipIf(!root)('an interpreter that was replaced on disk, and one that was deleted', async () => {
    const directory = temporaryDirectory()
    const copy = path.join(directory, 'worker')
    fs.copyFileSync(fs.realpathSync(interpreter.path), copy)
    const prefix = path.dirname(path.dirname(fs.realpathSync(interpreter.path)))
    const env = { PYTHONHOME: prefix, LD_LIBRARY_PATH: libraryPathOf(interpreter.path) }
    const program = await startTarget({ ...interpreter, path: copy }, 'busy.py', { env })
    fs.unlinkSync(copy)
    fs.copyFileSync('/bin/sh', copy)
    await expectUndisturbed(program)
  })
})

/**
 * Runs a program in a mount namespace in which each of `places` is a file system of its own, empty but for this checkout
 * where it lies below one of them.
 */
function withMounts(places: readonly string[], mode: 'rw' | 'ro', ...more: readonly string[]): string[] {
  const checkout = toShellWord(checkoutFolder)
  const commands = [
    `mount --bind ${checkout} /mnt`,
    ...places.map((place) => `mount -t tmpfs none ${place}`),
    `mkdir -p ${checkout} && mount --bind /mnt ${checkout}`,
    ...(mode === 'ro' ? places.map((place) => `mount -o remount,ro ${place}`) : []),
    ...more,
    'exec "$@"',
  ]
  return ['unshare', '-m', 'sh', '-c', commands.join(' && '), 'sh']
}

/** Where the dynamic loader of a running interpreter found its libc. */
function libraryPathOf(python: string): string {
  const program = 'import re; print(re.search(r"/.*/libc\\.so.*", open("/proc/self/maps").read())[0])'
  return path.dirname(execFileSync(python, ['-c', program], { encoding: 'utf8' }).trim())
}

/** Runs a program in a root directory into which only what it needs is bound; the mounts are seen by it alone. */
function chroot(jail: string, python: string): string[] {
  const prefix = path.dirname(path.dirname(path.dirname(fs.realpathSync(python))))
  const places = [
    '/lib',
    '/lib64',
    '/usr/lib',
    '/proc',
    '/dev',
    prefix,
    path.dirname(python),
    path.dirname(programPath('busy.py')),
  ]
  const inJail = (place: string): string => toShellWord(jail + place)
  const commands = [
    `mount -t tmpfs none ${inJail('')}`,
    ...places.flatMap((place) => [`mkdir -p ${inJail(place)}`, `mount --bind ${toShellWord(place)} ${inJail(place)}`]),
    `mkdir -p ${inJail('/tmp')} && chmod 1777 ${inJail('/tmp')}`,
    `exec chroot ${inJail('')} "$@"`,
  ]
  return ['unshare', '-m', 'sh', '-c', commands.join(' && '), 'sh']
}
