// Unpredictable names and tokens, straight from the kernel: loading node:crypto would take a third of the time of a
// short command.

import fs from 'node:fs'

/** `bytes` random bytes as hexadecimal digits. */
export function randomHex(bytes: number): string {
  const descriptor = fs.openSync('/dev/urandom', 'r')
  try {
    const buffer = Buffer.alloc(bytes)
    if (fs.readSync(descriptor, buffer) !== bytes) throw new Error('the kernel gave no random bytes')
    return buffer.toString('hex')
  } finally {
    fs.closeSync(descriptor)
  }
}
