// `file:` addresses, by node:url, which is loaded when somebody asks: it costs each process that imports it two milliseconds.

const url = (): typeof import('node:url') => process.getBuiltinModule('node:url')

/** The path that a `file:` address names. Throws a TypeError for an address that names another machine or no path. */
export function pathOfFileAddress(address: string): string {
  return url().fileURLToPath(address)
}

/** The `file:` address of an absolute path. */
export function fileAddressOf(path: string): string {
  return url().pathToFileURL(path).href
}

/** The path in a `file:` address; undefined where it names another machine or no path at all. */
export function pathOfAddress(address: string): string | undefined {
  try {
    return pathOfFileAddress(address)
  } catch {
    return undefined
  }
}
