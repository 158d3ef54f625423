// PY_VERSION_HEX in plain words. Follows Include/patchlevel.h at v3.14.0.

export interface PythonVersion {
  /** `3.14`: of all its patch releases. */
  readonly name: string
  /** The patch release: 8 of `3.14.8`. */
  readonly micro: number
  /** False for alphas, betas and release candidates, whose layouts still change. */
  readonly final: boolean
  /** As `platform.python_version()` prints it: `3.14.8`, `3.15.0rc2`. */
  readonly text: string
}

const levels: Readonly<Record<number, string>> = { 10: 'a', 11: 'b', 12: 'rc', 15: '' }

export function parseVersion(hex: number): PythonVersion {
  const [major, minor, micro] = [(hex >>> 24) & 0xff, (hex >>> 16) & 0xff, (hex >>> 8) & 0xff]
  const level = (hex >>> 4) & 0xf
  const suffix = level === 0xf ? '' : `${levels[level] ?? '?'}${hex & 0xf}`
  const name = `${major}.${minor}`
  return { name, micro, final: level === 0xf, text: `${name}.${micro}${suffix}` }
}
