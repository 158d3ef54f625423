/**
 * Runs a command of this checkout on another machine: in a virtual one, of the same or another architecture, with the
 * kernel, the interpreters and the Node.js of Debian's testing suite. For what the machine at hand lacks: arm64, or a
 * kernel with yama. The whole machine lives in its memory, and nothing that it writes stays. Nobody else calls this.
 *
 *     node scripts/virtual-machine.mjs arm64 'vitest run test/integration/wait/nudge.test.ts'
 *
 * Needs root, and the packages mmdebstrap, cpio, qemu-system-arm or qemu-system-x86. An architecture that is not this
 * machine's own is emulated, some twenty times slower: most time limits of the tests are too short there.
 */
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkoutFolder } from './checkout.mjs'
import { findMirrors } from './pythons/apt-tree.mjs'
import { wantedVersions } from './pythons/wanted-versions.mjs'
import { runCommand } from './run-command.mjs'

const SUITE = 'forky'
const MACHINES = {
  arm64: {
    program: 'qemu-system-aarch64',
    options: ['-machine', 'virt', '-cpu', 'max,pauth-impdef=on'],
    console: 'ttyAMA0',
  },
  amd64: { program: 'qemu-system-x86_64', options: ['-cpu', 'max'], console: 'ttyS0' },
}
const SYSTEM = 'base-files bash coreutils dash findutils grep iproute2 mount procps sed util-linux'
const PYTHON_PACKAGES = wantedVersions.flatMap((version) => [`python${version}`, `python${version}-dbg`])
const PACKAGES = [...`${SYSTEM} nodejs gcc libc6-dev`.split(' '), ...PYTHON_PACKAGES]
const PYTHONS = wantedVersions.flatMap((version) => [`/usr/bin/python${version}`, `/usr/bin/python${version}d`])
const MODULES = 'usr/lib/modules'
const LEFT_OUT = ['usr/share/doc', 'usr/share/locale', 'usr/share/man', 'var/cache', 'var/lib/apt']
const COPIED = 'bench dist docs examples scripts src test package.json package-lock.json .npmrc'.split(' ')
const CONFIGURATION = 'biome.json tsconfig.json tsconfig.build.json vitest.config.ts CHANGELOG.md'.split(' ')
/** The last line that a machine says. */
const STATUS = 'the command has ended with exit code'

const { architecture, machine, command } = parseWords(process.argv.slice(2))
const folder = join(checkoutFolder, '.virtual-machine', architecture)
const root = join(folder, 'root')
const kernel = join(folder, 'kernel')
const image = join(folder, 'image.cpio')
if (!existsSync(kernel)) await installSystem()
copyCheckout()
writeInit()
run('sh', ['-c', `find . | cpio --quiet -o -H newc > ${image}`], root)
process.exitCode = await boot()

/** @param {string[]} words */
function parseWords([architecture = '', command]) {
  const machine = Object.entries(MACHINES).find(([name]) => name === architecture)?.[1]
  if (machine !== undefined && command !== undefined) return { architecture, machine, command }
  console.error(`usage: node scripts/virtual-machine.mjs ${Object.keys(MACHINES).join('|')} COMMAND`)
  process.exit(2)
}

/** Debian's packages and the packages of npm, both for the other architecture; no script of any is run. */
async function installSystem() {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const [mirror] = await findMirrors(folder)
  if (mirror === undefined) throw new Error('apt of this machine names no mirror of Debian')
  const options = [
    `--architectures=${architecture}`,
    '--variant=extract',
    `--include=${PACKAGES.join()},linux-image-${architecture}`,
  ]
  const apt = ['--aptopt=Acquire::Check-Valid-Until "false"', '--aptopt=APT::Install-Recommends "false"']
  await runCommand('mmdebstrap', [...options, ...apt, SUITE, root, mirror])
  const built = findKernel()
  for (const path of LEFT_OUT) rmSync(join(root, path), { recursive: true, force: true })
  for (const path of ['package.json', 'package-lock.json', '.npmrc'])
    cpSync(join(checkoutFolder, path), join(root, 'remora', path))
  const cpu = architecture === 'amd64' ? 'x64' : architecture
  await runCommand('npm', ['ci', `--cpu=${cpu}`, '--os=linux', '--libc=glibc', '--ignore-scripts'], {
    cwd: join(root, 'remora'),
  })
  if (!existsSync(join(root, 'usr/bin/cc'))) symlinkSync('gcc', join(root, 'usr/bin/cc'))
  // Last: what is there after it was not interrupted.
  cpSync(built, kernel)
  rmSync(join(root, MODULES), { recursive: true })
}

/** @returns {string} its file, which lies beside its modules or where machines boot from */
function findKernel() {
  const [version = ''] = readdirSync(join(root, MODULES))
  const files = [join(root, MODULES, version, 'vmlinuz'), join(root, `boot/vmlinuz-${version}`)]
  const found = files.find((file) => existsSync(file))
  if (found === undefined) throw new Error(`the package of the kernel has none of ${files.join(', ')}`)
  return found
}

function copyCheckout() {
  for (const name of [...COPIED, ...CONFIGURATION]) {
    const path = join(root, 'remora', name)
    rmSync(path, { recursive: true, force: true })
    cpSync(join(checkoutFolder, name), path, { recursive: true, filter: (from) => !from.endsWith('.cache') })
  }
}

function writeInit() {
  const init = [
    '#!/bin/sh',
    `export PATH=/remora/node_modules/.bin:/usr/sbin:/usr/bin HOME=/root REMORA_NO_INSTALL=1 REMORA_PYTHONS=${PYTHONS.join(':')}`,
    'mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs devtmpfs /dev',
    'mkdir -p /dev/pts /dev/shm; mount -t devpts devpts /dev/pts; mount -t tmpfs tmpfs /dev/shm; mount -t tmpfs tmpfs /tmp',
    'ln -s /proc/self/fd /dev/fd; ip link set lo up',
    'cd /remora',
    // With a parent that is not the first process of the machine, which the kernel treats differently.
    `sh -c '${command.replaceAll("'", "'\\''")}'`,
    `echo "${STATUS} $?"`,
    'echo o > /proc/sysrq-trigger; sleep 60',
  ]
  writeFileSync(join(root, 'init'), `${init.join('\n')}\n`)
  chmodSync(join(root, 'init'), 0o755)
}

/** @returns {Promise<number>} the exit code of the command */
function boot() {
  const { program, options, console: name } = machine
  const words = [...'-smp 1 -m 6G -nographic -no-reboot -nic none'.split(' '), '-kernel', kernel, '-initrd', image]
  const child = spawn(program, [...options, ...words, '-append', `console=${name} rdinit=/init quiet panic=-1`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    process.stdout.write(text)
    said = (said + text).slice(-1_000)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => resolve(Number(said.match(`${STATUS} (\\d+)`)?.[1] ?? 1)))
  })
}

/** @param {string} program @param {string[]} words @param {string} cwd */
function run(program, words, cwd) {
  const { status } = spawnSync(program, words, { cwd, stdio: 'inherit' })
  if (status !== 0) throw new Error(`${program} ${words.join(' ')} failed`)
}
