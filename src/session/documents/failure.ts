// What every command prints with `--json` when it fails.

/** Any failure, on stdout with `--json`. */
export interface ErrorDocument {
  schema: 'remora.error/1'
  /** One of the codes in docs/errors.md. */
  code: string
  message: string
  /** The way out. */
  hint: string
  details: Record<string, unknown>
}
