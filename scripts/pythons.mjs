/**
 * The interpreters that tests, benchmarks and demos run against: CPython 3.14 and newer, release and debug builds.
 * `findPythons` only looks; `ensurePythons` installs what is missing, for this user and without touching the system's
 * own Python. Started by name it prints what it finds as JSON (`npm run pythons`).
 *
 * REMORA_PYTHONS=/path/a:/path/b   use exactly these and install nothing
 * REMORA_NO_INSTALL=1              be content with what is there
 */
import { isMain, setupLock } from './checkout.mjs'
import { isDebianInstalled } from './pythons/debian-stamp.mjs'
import { findPythons } from './pythons/find-pythons.mjs'
import { canInstallDebian, installDebian } from './pythons/install-debian.mjs'
import { installWithUv, isUvThere } from './pythons/install-uv.mjs'
import { wantedVersions } from './pythons/wanted-versions.mjs'
import { withLock } from './setup/lock.mjs'

export { findPythons }

/**
 * Sees to it that there is a CPython to test against.
 *
 * @throws {Error} when there is none and none can be installed; the text ends in a command to type
 */
export async function ensurePythons() {
  if (process.env.REMORA_PYTHONS) {
    findPythons()
    return
  }
  if (isDebianInstalled() || missingVersions().length === 0) return
  if (process.env.REMORA_NO_INSTALL) {
    if (findPythons().length > 0) return
    throw new Error(
      'there is no CPython 3.14 or newer here, and REMORA_NO_INSTALL forbids to install one; ' +
        'type: env -u REMORA_NO_INSTALL node scripts/setup.mjs',
    )
  }
  await withLock(setupLock, async () => {
    if (!isDebianInstalled() && missingVersions().length > 0) await installMissing()
  })
}

function missingVersions() {
  const found = findPythons()
  return wantedVersions.filter((wanted) => !found.some((python) => python.version.startsWith(`${wanted}.`)))
}

async function installMissing() {
  const reasons = []
  for (const [isPossible, install] of [
    /** @type {const} */ ([isUvThere, () => installWithUv(wantedVersions)]),
    /** @type {const} */ ([canInstallDebian, () => installDebian(wantedVersions)]),
  ]) {
    if (!isPossible()) continue
    try {
      await install()
      if (missingVersions().length === 0) return
    } catch (error) {
      const { message } = /** @type {Error} */ (error)
      console.error(`note: ${message}`)
      reasons.push(message)
    }
  }
  const missing = missingVersions()
  if (missing.length < wantedVersions.length) {
    console.error(
      `going on without CPython ${missing.join(' and ')}; to stop looking for it: export REMORA_NO_INSTALL=1`,
    )
    return
  }
  const howToGetUv = process.platform === 'darwin' ? 'brew install uv' : 'pipx install uv'
  const tried = reasons.length > 0 ? 'could not be installed (see above)' : 'is not here'
  throw new Error(`CPython ${wantedVersions[0]} or newer ${tried}; type: ${howToGetUv} && node scripts/setup.mjs`)
}

if (isMain(import.meta.url)) {
  try {
    console.log(JSON.stringify(findPythons(), null, 2))
  } catch (error) {
    console.error(/** @type {Error} */ (error).message)
    process.exitCode = 1
  }
}
