/**
 * Unpacks Debian packages side by side into one folder, leaving out what an interpreter does not need to run: headers,
 * manuals, static libraries and separate debug symbols, two thirds of the whole. No script of a package is run.
 */
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'

const AT_A_TIME = 2
const LEFT_OUT = [
  './etc',
  './usr/include',
  './usr/share',
  './usr/lib/binfmt.d',
  './usr/lib/debug',
  './usr/lib/python3',
  './usr/lib/python3.*/config-*',
  './usr/lib/*/libpython3.*',
  './usr/lib/*/pkgconfig',
  './usr/bin/[!p]*',
  './usr/bin/py[!t]*',
  './usr/bin/p[!y]*',
  './usr/bin/*-dbg*',
  './usr/bin/*-config',
]

/**
 * @param {string[]} debs
 * @param {string} folder made when it is not there
 * @throws {Error} when a package cannot be unpacked
 */
export async function unpackDebs(debs, folder) {
  mkdirSync(folder, { recursive: true })
  const waiting = [...debs]
  const work = async () => {
    for (let deb = waiting.pop(); deb !== undefined; deb = waiting.pop()) await unpackDeb(deb, folder)
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, work))
}

/** `dpkg-deb --fsys-tarfile DEB | tar --extract`. @param {string} deb @param {string} folder @returns {Promise<void>} */
function unpackDeb(deb, folder) {
  return new Promise((resolve, reject) => {
    const excludes = LEFT_OUT.map((pattern) => `--exclude=${pattern}`)
    const packer = spawn('dpkg-deb', ['--fsys-tarfile', deb], { stdio: ['ignore', 'pipe', 'pipe'] })
    const matching = ['--anchored', '--wildcards', '--no-wildcards-match-slash', ...excludes]
    const args = ['--extract', '--no-same-owner', ...matching, '--directory', folder]
    const unpacker = spawn('tar', args, { stdio: [packer.stdout, 'ignore', 'pipe'] })
    // tar reads the pipe itself; held open here too, it would never see its end.
    packer.stdout.destroy()
    let errorText = ''
    let running = 2
    for (const child of [packer, unpacker]) {
      child.stderr.setEncoding('utf8').on('data', (text) => {
        errorText += text
      })
      child.on('error', reject)
      child.on('close', (code) => {
        if (code !== 0) reject(new Error(`${deb} cannot be unpacked: ${errorText.trim() || `exit code ${code}`}`))
        else if (--running === 0) resolve()
      })
    }
  })
}
