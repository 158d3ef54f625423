// Where this checkout lies. That may be anywhere: its path may have spaces, letters that are not ASCII, and our own name.

import fs from 'node:fs'
import path from 'node:path'
import { interpreters } from './interpreters.js'

export const checkoutFolder = path.resolve(import.meta.dirname, '../..')

/** Folders whose names are not ours: the checkout, and the interpreters where they lie elsewhere. */
const folders = [
  checkoutFolder,
  fs.realpathSync(checkoutFolder),
  ...interpreters.flatMap((interpreter) => [interpreter.path, fs.realpathSync(interpreter.path)].map(prefixOf)),
]

/** A text such as a traceback without the paths of these folders: where our name is still in it, it tells of us. */
export function withoutCheckout(text: string): string {
  return folders.reduce((rest, folder) => rest.replaceAll(`${folder}/`, ''), text)
}

function prefixOf(program: string): string {
  return path.dirname(path.dirname(program))
}
