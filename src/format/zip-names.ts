// Which names an archive's entries may have: those that mean the same place on every system and stay below the top.

/** Why an entry may not be called so; undefined for a name that is fine. A directory's name ends in `/`. */
export function entryNameProblem(name: string): string | undefined {
  if (name === '') return 'its name is empty'
  if (name.includes('\0')) return 'its name holds a NUL'
  if (/[\u0001-\u001f\u007f]/.test(name)) return 'its name holds a control character'
  if (name.includes('\\')) return 'its name holds a backslash, which is a separator on Windows'
  if (name.startsWith('/')) return 'its path is absolute'
  if (/^[A-Za-z]:/.test(name)) return 'its path starts with a drive'
  const segments = (name.endsWith('/') ? name.slice(0, -1) : name).split('/')
  if (segments.includes('..')) return 'its path leaves the archive'
  if (segments.includes('.') || segments.includes('')) return 'its path holds an empty or `.` part'
  return undefined
}

/** Why Windows could not hold a file of this name, or would take it for something else; undefined for a good one. */
export function windowsNameProblem(name: string): string | undefined {
  for (const segment of name.split('/')) {
    if (/[<>:"|?*]/.test(segment)) return 'Windows allows no < > : " | ? * in names'
    if (/[. ]$/.test(segment)) return 'Windows drops a dot or a space at the end of a name'
    if (/^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i.test(segment))
      return 'on Windows this is the name of a device'
  }
  return undefined
}

/** One key for all names that some file system takes for the same: Unicode composed, case folded (`ß` is `ss` on APFS). */
export function collisionKey(name: string): string {
  // Plain ASCII, nearly every name there is, needs no tables.
  if (/^[ -~]*$/.test(name)) return name.toLowerCase()
  return name.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC')
}

/** The first pair of names that would meet in one place: twice the same file, or a file where another needs a directory. */
export function findCollision(names: readonly string[]): readonly [string, string] | undefined {
  const files = new Map<string, string>()
  const directories = new Map<string, string>()
  const parentsSeen = new Set<string>()
  for (const name of names) {
    const isDirectory = name.endsWith('/')
    if (!isDirectory) {
      const key = collisionKey(name)
      const other = files.get(key)
      if (other !== undefined) return [other, name]
      files.set(key, name)
    }
    let slash = name.lastIndexOf('/')
    while (slash > 0) {
      const parent = name.slice(0, slash)
      if (parentsSeen.has(parent)) break
      parentsSeen.add(parent)
      const key = collisionKey(parent)
      if (!directories.has(key)) directories.set(key, name)
      slash = parent.lastIndexOf('/')
    }
  }
  for (const [key, name] of files) {
    const other = directories.get(key)
    if (other !== undefined) return [name, other]
  }
  return undefined
}
