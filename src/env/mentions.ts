// A directory's path where it stands in a text: as it is, as a file: URL, or in a JSON or Python string; replaced only where the name
// ends there, so that /envs/app is not found in /envs/app2.

/** The bytes with every mention of `from` (longest first) made one of `to`; undefined when there is none, or when it is no UTF-8. */
export function replaceRoots(bytes: Uint8Array, from: readonly string[], to: string): Uint8Array | undefined {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
  const replaced = replaceRootsInText(text, from, to)
  return replaced === text ? undefined : new TextEncoder().encode(replaced)
}

export function replaceRootsInText(text: string, from: readonly string[], to: string): string {
  const pairs = from.flatMap((old) =>
    forms(old).map((form, index): readonly [string, string] => [form, forms(to)[index]!]),
  )
  // Each form once; a path of plain characters is the same in all of them.
  const table = new Map<string, string>()
  for (const [old, fresh] of pairs) if (old !== '' && !table.has(old)) table.set(old, fresh)
  if (![...table.keys()].some((old) => text.includes(old))) return text
  const longest = [...table.keys()].sort((left, right) => right.length - left.length)
  // Before: no part of a longer path, but a compiler's -I and -L. After: more of the path, or what ends one.
  const before = '(?:(?<![\\w.%~+@-])|(?<=-[IL]))'
  const after = '(?=[/\\\\"\'<>;:,)\\]}]|%2F|%5C|[ \\t]*(?:\\r?$|$))'
  const pattern = new RegExp(`${before}(?:${longest.map(escapeRegExp).join('|')})${after}`, 'gmu')
  return text.replace(pattern, (found) => table.get(found) ?? found)
}

/** As it is; in a URL; in a string literal whose backslashes and quotes are escaped (JSON, Python's repr). */
function forms(directory: string): readonly [string, string, string] {
  const slashes = directory.replaceAll('\\', '/')
  const url = slashes.split('/').map(encodeURIComponent).join('/').replaceAll('%3A', ':')
  return [directory, url, directory.replaceAll('\\', '\\\\').replaceAll('"', '\\"')]
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}

/** Whether the text names the directory or something in it. */
export function mentionsRoot(text: string, root: string): boolean {
  return replaceRootsInText(text, [root], '\0') !== text
}
