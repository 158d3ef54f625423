// The version of a Python by the names of its files, for those that cannot be asked: interpreters older than 3.13
// publish no version, and a process whose memory may not be read shows at most its paths. A guess, and only ever used
// to say why something is not attachable.

/** `python`, `python3.11`, `python3.14d`, `libpython3.9m.so.1.0`. */
const PYTHON_FILE = /^(?:lib)?python(\d+(?:\.\d+)?)?[a-z]*(?:\.so[\d.]*)?$/
/** The standard library's folder in the path of one of its extension modules. */
const LIBRARY_FOLDER = /\/python(\d+\.\d+)[a-z]*\//

/** Whether a file is by its name a Python interpreter, or the library that holds one. */
export function isNamedPython(path: string): boolean {
  return PYTHON_FILE.test(baseOf(path))
}

/** `3.11`, from the names of a process's files; undefined when none of them tells. */
export function findVersionByName(paths: readonly string[]): string | undefined {
  const fromFiles = paths.map((path) => PYTHON_FILE.exec(baseOf(path))?.[1])
  const fromFolders = paths.map((path) => LIBRARY_FOLDER.exec(path)?.[1])
  return [...fromFiles, ...fromFolders].find((version) => version?.includes('.'))
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
