// den's own text of a lock, read by its lines. A lock is a megabyte where there are many wheels, and a TOML parser that tells where each
// mistake stands takes longer with it than all else that a sync with nothing to do needs. What den wrote has one form, and its digest says
// that nobody has changed it; so each package is found by its first lines, and its files are read when somebody looks at them. Whatever
// stands differently than expected is left to the parser.

import { parseToml, type TomlMoment, tryTomlMoment } from '../format/toml.ts'
import { tryParseSdistFilename, tryParseWheelFilename } from '../spec/filename.ts'
import { parseMarker } from '../spec/marker.ts'
import { tryParseProjectName } from '../spec/name.ts'
import { type Pylock, type PylockFile, type PylockPackage, type PylockWheel, parsePylock } from '../spec/pylock.ts'
import { percentDecoded } from '../spec/requirements-txt-url.ts'
import { parseSpecifiers } from '../spec/specifier.ts'
import { compareVersions, parseVersion } from '../spec/version.ts'

type Writable<Value> = { -readonly [Key in keyof Value]: Value[Key] }

const packageHead = '\n[[packages]]\n'
const toolHead = '\n[tool.den]\n'

/** The lock of a text that den wrote; undefined where it has another form after all, and the parser is to be asked. */
export function readOwnLock(text: string): Pylock | undefined {
  const end = text.lastIndexOf(toolHead)
  const start = text.indexOf(packageHead)
  if (end === -1 || start === -1 || end < start) return undefined
  // The ends are small, and the parser is right about them.
  const head = parsePylock(`${text.slice(0, start)}\npackages = []\n${text.slice(end)}`)
  const packages: PylockPackage[] = []
  for (const block of text.slice(start + packageHead.length, end).split(packageHead)) {
    const one = readOwnPackage(block)
    if (one === undefined) return undefined
    packages.push(one)
  }
  return { ...head, packages }
}

/** What [tool.den] says, without the packages before it. */
export function readOwnTool(text: string): Pick<Pylock, 'tool'> {
  const at = text.lastIndexOf(toolHead)
  return parseToml(at === -1 ? '' : text.slice(at), { exactIntegers: true }) as Pick<Pylock, 'tool'>
}

/** The lines that are read here; whatever else a package has makes it one for the parser. */
const blockForm =
  /^name = "([^"\\\n]+)"\nversion = "([^"\\\n]+)"\n(?:marker = (.+)\n)?(?:requires-python = "([^"\\\n]+)"\n)?(dependencies = \[\n(?: {2}\{.*\},\n)+\]\n)?(?:index = "([^"\\\n]+)"\n)?(?:sdist = \{(.+)\}\n)?(?:wheels = \[\n((?: {2}\{.+\},\n)+)\]\n)?(\n\[packages\.tool\.den\]\n(?:[^[\n].*\n|\]\n)+)?$/

function readOwnPackage(block: string): PylockPackage | undefined {
  const parts = blockForm.exec(block)
  if (parts === null) return readByParser(block)
  const [, rawName, version, marker, requiresPython, dependencies, index, sdist, wheels, tool] = parts
  const name = tryParseProjectName(rawName!)
  if (name !== rawName || name === undefined || (sdist === undefined && wheels === undefined)) return undefined
  const one: Writable<PylockPackage> = { name, version: parseVersion(version!) }
  if (marker !== undefined) {
    const said = unquoted(marker)
    if (said === undefined) return readByParser(block)
    one.marker = parseMarker(said)
  }
  if (requiresPython !== undefined) one.requiresPython = parseSpecifiers(requiresPython)
  if (index !== undefined) one.index = index
  // In the order of the parser's keys, so that both give the same. Each is read once, when it is first looked at.
  if (dependencies !== undefined) later(one, 'dependencies', () => readByParser(block).dependencies!)
  if (sdist !== undefined) later(one, 'sdist', () => readSdist(one, sdist) ?? readByParser(block).sdist!)
  if (wheels !== undefined) later(one, 'wheels', () => readWheels(one, wheels) ?? readByParser(block).wheels!)
  if (tool !== undefined) {
    later(one, 'tool', () => {
      const { packages } = parseToml(tool, { exactIntegers: true }) as unknown as { packages: PylockPackage }
      return packages.tool!
    })
  }
  return one
}

function later<Key extends keyof PylockPackage>(
  one: PylockPackage,
  key: Key,
  read: () => NonNullable<PylockPackage[Key]>,
): void {
  let value: NonNullable<PylockPackage[Key]> | undefined
  Object.defineProperty(one, key, {
    enumerable: true,
    configurable: true,
    get: () => {
      value ??= read()
      return value
    },
  })
}

function readByParser(block: string): PylockPackage {
  return parsePylock(`lock-version = "1.0"\ncreated-by = "den"${packageHead}${block}`).packages[0]!
}

function readSdist(of: PylockPackage, text: string): PylockFile | undefined {
  const file = readFile(text)
  const parsed = file === undefined ? undefined : tryParseSdistFilename(file.filename)
  return file !== undefined && parsed !== undefined && isOf(of, parsed) ? file : undefined
}

function readWheels(of: PylockPackage, lines: string): readonly PylockWheel[] | undefined {
  const wheels: PylockWheel[] = []
  for (const line of lines.split('\n')) {
    if (line === '') continue
    const file = readFile(line.slice('  {'.length, -'},'.length))
    const parsed = file === undefined ? undefined : tryParseWheelFilename(file.filename)
    if (file === undefined || parsed === undefined || !isOf(of, parsed)) return undefined
    wheels.push({ ...file, parsed })
  }
  return wheels
}

function isOf(
  { name, version }: PylockPackage,
  parsed: { readonly name: string; readonly version: NonNullable<PylockPackage['version']> },
): boolean {
  return parsed.name === name && version !== undefined && compareVersions(parsed.version, version) === 0
}

const fileForm =
  /^(?:name = "([^"\\]+)", )?(?:upload-time = ([^ ,"]+), )?(?:url = "([^"\\]+)"|path = "([^"\\]+)")(?:, size = (\d{1,15}))?, hashes = \{((?:[a-z0-9_]+ = "[0-9A-Za-z]+"(?:, )?)+)\}$/

function readFile(text: string): PylockFile | undefined {
  const parts = fileForm.exec(text)
  if (parts === null) return undefined
  const [, name, uploaded, url, path, size, hashes] = parts
  const place = (path ?? url)!.replace(/[?#].*$/s, '')
  const filename = name ?? percentDecoded(place.slice(place.lastIndexOf('/') + 1))
  if (filename === '' || filename.includes(';')) return undefined
  let uploadTime: TomlMoment | undefined
  if (uploaded !== undefined) {
    uploadTime = tryTomlMoment(uploaded)
    if (uploadTime === undefined) return undefined
  }
  const digests = new Map<string, string>()
  for (const [, algorithm, digest] of hashes!.matchAll(/([a-z0-9_]+) = "([0-9A-Za-z]+)"/g)) {
    digests.set(algorithm!, digest!)
  }
  return {
    ...(name === undefined ? {} : { name }),
    filename,
    ...(url === undefined ? {} : { url }),
    ...(path === undefined ? {} : { path }),
    ...(size === undefined ? {} : { size: Number(size) }),
    ...(uploadTime === undefined ? {} : { uploadTime }),
    hashes: digests,
  }
}

/** A string as den writes markers; undefined for one with escapes. */
function unquoted(text: string): string | undefined {
  return /^'([^'\\]*)'$/.exec(text)?.[1] ?? /^"([^"\\]*)"$/.exec(text)?.[1]
}
