// Installing an unpacked wheel into an environment: https://packaging.python.org/en/latest/specifications/binary-distribution-format/
// ("Installing a wheel", PEP 427) and "Recording installed projects" (PEP 376, 627). The store has verified the wheel already, so
// this reads one manifest, makes directories and links files.

import { DenError } from '../base/error.ts'
import type { EnvironmentPaths } from '../env/plan.ts'
import type { ScriptHeaderOptions } from '../env/shebang.ts'
import { sha256Base64Url } from '../host/hash.ts'
import type { Context } from '../host/host.ts'
import { ioCode } from '../host/io-error.ts'
import type { TreeLinks } from '../host/link-trees.ts'
import { slicer } from '../host/slices.ts'
import type { Interpreter } from '../python/interpreter.ts'
import { formatRecord, formatRecordRow, parseRecord, type RecordEntry } from '../spec/record.ts'
import { distributionLabel, fileFlags, type SchemeKey, type TreePart } from '../store/manifest.ts'
import type { Tree } from '../store/store.ts'
import type { Linker } from './linker.ts'
import { entryPointScript, nameScripts, rewriteScript, type ScriptNames } from './scripts.ts'

export interface InstallRequest {
  readonly tree: Tree
  /** The environment's places when it is finished: what scripts and RECORD say. */
  readonly paths: EnvironmentPaths
  /** Where the environment's root is while it is being made; the same as `paths.root` unless said. */
  readonly staged?: string
  readonly interpreter: Pick<Interpreter, 'version' | 'platform' | 'machine'>
  /** One for all distributions of a run, so that what it found out about the file systems is found out once. */
  readonly linker: Linker
  /** What INSTALLER says; "den" unless said. */
  readonly installer?: string
  /** Whether somebody asked for it by name, as opposed to another distribution's requirement. */
  readonly requested: boolean
  /** direct_url.json (PEP 610), for what came from an address rather than an index. */
  readonly directUrl?: unknown
  readonly relocatable?: boolean
  readonly scriptNames?: ScriptNames
  /** What the caller has put there and RECORD is to list: links into the store. `last`: after all other rows. */
  readonly links?: {
    readonly rows: readonly RecordEntry[]
    readonly last: readonly RecordEntry[]
    /** Puts a file of dist-info there that is the same in every environment; false where it has to be written. */
    readonly share: (name: string, text: string, to: string) => boolean
  }
  /** Makes a damaged tree again; without it damage is an error. Called at most twice. */
  readonly restore?: (tree: Tree) => Promise<Tree>
}

export interface InstalledTree {
  /** Of the dist-info directory, in its final place. */
  readonly distInfo: string
  /** While the environment is being made. */
  readonly record: () => readonly RecordEntry[]
  /** How many rows that has. */
  readonly rows: number
  /** The names in the scripts directory. */
  readonly scripts: readonly string[]
  /** Where new bytes were written, as opposed to a second name of the store's: what a power cut could take. */
  readonly written: readonly string[]
  /** What stood in the place of one of its files and gave way; absolute, in the final place. */
  readonly replaced: readonly string[]
}

/**
 * Puts the tree's files, scripts and records into the environment. Throws `store-damaged` when the tree is damaged and could not be
 * restored, `no-launcher`, and what the disk throws; the caller answers for what was installed by then (a staged environment is
 * thrown away whole).
 */
export async function installTree(context: Context, request: InstallRequest): Promise<InstalledTree> {
  const { paths, linker } = request
  const { host } = context
  const { path } = host
  const { manifest } = request.tree
  const slice = slicer({ operation: `installing ${distributionLabel(manifest)}`, signal: context.signal })
  /** The same place while the environment is being made. */
  const now = (final: string): string =>
    request.staged === undefined ? final : `${request.staged}${final.slice(paths.root.length)}`
  const final = (place: string): string =>
    request.staged === undefined ? place : `${paths.root}${place.slice(request.staged.length)}`
  const schemes: Readonly<Record<SchemeKey, string>> = {
    purelib: paths.purelib,
    platlib: paths.platlib,
    scripts: paths.scripts,
    headers: path.join(paths.include, manifest.project),
    data: paths.data,
  }
  const root = manifest.parts[0]!
  const site = schemes[root.scheme]
  const rows: string[] = []
  const scripts = new Set<string>()
  const written: string[] = []
  const replaced: string[] = []
  const header: ScriptHeaderOptions = {
    python: paths.python,
    platform: request.interpreter.platform,
    relocatable: request.relocatable === true,
  }
  const source = openSource(context, request)
  const addRow = (recorded: string, bytes: Uint8Array | string): void => {
    const size = typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.length
    rows.push(formatRecordRow(recorded, sha256Base64Url(bytes), size))
  }
  const write = (recorded: string, target: string, bytes: Uint8Array | string, mode: number): void => {
    if (writeOver(context, target, bytes, mode)) replaced.push(final(target))
    written.push(target)
    addRow(recorded, bytes)
  }

  // "Unpack: b. If Root-Is-Purelib == 'true', unpack archive into purelib … c. Else unpack archive into platlib."
  // "Spread: b. Move each subtree of distribution-1.0.data/ onto its destination path."
  for (const part of manifest.parts) {
    const top = now(schemes[part.scheme])
    const prefix = recordPrefix(path, site, schemes[part.scheme])
    if (host.files.lstat(top) === undefined) makeDirectory(context, top)
    let many: TreeLinks | undefined
    try {
      for (const directory of part.directories) {
        // Not before the first file has shown how files get there. Scripts are looked at one by one: some are rewritten.
        if (part.scheme !== 'scripts') many ??= linker.many?.(source.top(part), top, manifest.modified)
        const below = directory.path === '' ? '' : `${directory.path}/`
        const to = `${top}${path.sep}${path.sep === '/' ? below : below.replaceAll('/', path.sep)}`
        const linked = many?.place(directory.path, directory.files)
        let fresh: boolean | undefined
        let index = 0
        for (const [name, size, digest, flags] of directory.files) {
          const inPart = `${below}${name}`
          const recorded = `${prefix}${below}${name}`
          index += 1
          if (linked?.[index - 1] === 1) {
            rows.push(formatRecordRow(recorded, digest, size))
            continue
          }
          fresh ??= makeDirectory(context, directory.path === '' ? top : to.slice(0, -1))
          const from = source.sound(part, inPart, size) ?? (await source.mended(part, inPart, size))
          if ((flags & fileFlags.pythonScript) === 0) {
            const place = `${to}${name}`
            if (linker.place(from, place, { executable: (flags & fileFlags.executable) !== 0, fresh }))
              replaced.push(final(place))
            if (linker.mode() !== 'hardlink') written.push(place)
            rows.push(formatRecordRow(recorded, digest, size))
          } else {
            // "c. If the first line of a file in scripts/ starts with exactly b'#!python', rewrite to point to the correct interpreter."
            const bytes = host.files.readBytes(from) ?? new Uint8Array()
            write(recorded, `${to}${name}`, rewriteScript(bytes, header), 0o777)
          }
          if (part.scheme === 'scripts') scripts.add(name)
        }
        if (directory.files.length === 0 && linked === undefined) makeDirectory(context, to.slice(0, -1))
        await slice()
      }
    } finally {
      many?.close()
    }
  }

  // Entry points: "the installer is responsible for creating scripts" of the groups console_scripts and gui_scripts.
  const scriptPrefix = recordPrefix(path, site, paths.scripts)
  const generated = await generatedScripts(request, header)
  if (generated.length > 0 && host.files.lstat(now(paths.scripts)) === undefined)
    makeDirectory(context, now(paths.scripts))
  for (const { name, bytes } of generated) {
    write(`${scriptPrefix}${name}`, `${now(paths.scripts)}${path.sep}${name}`, bytes, 0o777)
    scripts.add(name)
  }

  // "Recording installed projects": INSTALLER, REQUESTED, direct_url.json and RECORD are the installer's to write.
  const { distInfo } = manifest
  const metadata = `${now(site)}${path.sep}${distInfo}${path.sep}`
  const own = (name: string, text: string): void => {
    const recorded = `${distInfo}/${name}`
    if (request.links?.share(name, text, `${metadata}${name}`) !== true)
      write(recorded, `${metadata}${name}`, text, 0o666)
    else addRow(recorded, text)
  }
  own('INSTALLER', `${request.installer ?? 'den'}\n`)
  if (request.requested) own('REQUESTED', '')
  if (request.directUrl !== undefined) own('direct_url.json', JSON.stringify(request.directUrl))
  // "a. Update distribution-1.0.dist-info/RECORD with the installed paths."
  for (const row of request.links?.rows ?? []) rows.push(formatRecord([row]))
  const lines = (manifest.parts.length > 1 ? withoutRepeated(rows) : rows).sort()
  const last = [{ path: `${distInfo}/RECORD` }, ...(request.links?.last ?? [])]
  writeOver(context, `${metadata}RECORD`, `${lines.join('')}${formatRecord(last)}`, 0o666)
  written.push(`${metadata}RECORD`)
  const count = lines.length + last.length
  const event = { distribution: distributionLabel(manifest), files: count, mode: linker.mode() }
  context.report({ kind: 'install.linked', ...event })
  return {
    distInfo: path.join(site, distInfo),
    record: recordReader(context.host, `${metadata}RECORD`),
    rows: count,
    scripts: [...scripts],
    written,
    replaced,
  }
}

/** Reads it when somebody asks, and holds nothing of it until then. */
export function recordReader({ files }: Pick<Context['host'], 'files'>, file: string): InstalledTree['record'] {
  return () => parseRecord(files.readText(file) ?? '', { outside: 'allow' })
}

/** Of rows for one path the last: a wheel's data can come to lie where something else of it lies. */
function withoutRepeated(rows: readonly string[]): string[] {
  const pathOf = (row: string): string => row.slice(0, row.lastIndexOf(',', row.lastIndexOf(',') - 1))
  return [...new Map(rows.map((row) => [pathOf(row), row])).values()]
}

interface Source {
  /** Where the part's files stand. */
  top(part: TreePart): string
  /** The file's place in the tree; undefined when it is damaged. */
  sound(part: TreePart, file: string, size: number): string | undefined
  /** The same after the tree was made again. */
  mended(part: TreePart, file: string, size: number): Promise<string>
}

/** The tree's files, each looked at (one stat) before it is used: present, of the right size, not touched since it was unpacked. */
function openSource(context: Context, request: InstallRequest): Source {
  const { files, path } = context.host
  let { tree } = request
  let restored = 0
  const pathOf = (part: TreePart, file: string): string => {
    const inTree = part.from === '' ? file : `${part.from}/${file}`
    return `${tree.directory}${path.sep}${path.sep === '/' ? inTree : inTree.replaceAll('/', path.sep)}`
  }
  const problemOf = (from: string, size: number): string | undefined => {
    const facts = files.lstat(from)
    if (facts === undefined) return 'the file is gone'
    if (facts.kind !== 'file') return `it is a ${facts.kind}, no file`
    if (facts.size !== size) return `it has ${facts.size} bytes, not ${size}`
    return facts.modified === tree.manifest.modified ? undefined : 'it was changed after it was unpacked'
  }
  return {
    top: (part) => path.join(tree.directory, part.from),
    sound: (part, file, size) => {
      const from = pathOf(part, file)
      return problemOf(from, size) === undefined ? from : undefined
    },
    mended: async (part, file, size) => {
      for (;;) {
        const from = pathOf(part, file)
        const reason = problemOf(from, size)
        if (reason === undefined) return from
        if (request.restore === undefined || restored === 2)
          throw new DenError('store-damaged', { distribution: distributionLabel(tree.manifest), path: from, reason })
        restored += 1
        tree = await request.restore(tree)
      }
    },
  }
}

/** The scripts made from entry points: text files, or one .exe each for Windows. */
async function generatedScripts(
  request: InstallRequest,
  header: ScriptHeaderOptions,
): Promise<readonly { readonly name: string; readonly bytes: Uint8Array | string }[]> {
  const { interpreter, scriptNames = 'written' } = request
  const { manifest } = request.tree
  const made: { name: string; bytes: Uint8Array | string }[] = []
  for (const gui of [false, true]) {
    for (const script of nameScripts(
      gui ? manifest.guiScripts : manifest.consoleScripts,
      interpreter.version,
      scriptNames,
    )) {
      if (interpreter.platform === 'win32') {
        const { windowsLauncher } = await import('./windows-launcher.ts')
        const bytes = await windowsLauncher(script, { ...header, gui, machine: interpreter.machine })
        made.push({ name: `${script.name}.exe`, bytes })
      } else {
        made.push({ name: script.name, bytes: entryPointScript(script, { ...header, gui }) })
      }
    }
  }
  return made
}

/** Makes a directory, its parents too where they are missing; whether nothing can be in it yet. */
function makeDirectory({ host }: Context, directory: string): boolean {
  try {
    host.disk.makeDirectory(directory)
    return true
  } catch (error) {
    const code = ioCode(error)
    if (code === 'ENOENT') host.disk.makeDirectories(directory)
    else if (code !== 'EEXIST') throw error
    return false
  }
}

/** Writes a file; what stands there gives way, a link itself and not its target. Whether something did. */
function writeOver({ host }: Context, file: string, bytes: Uint8Array | string, mode: number): boolean {
  try {
    host.disk.writeNew(file, bytes, mode)
    return false
  } catch (error) {
    if (ioCode(error) !== 'EEXIST') throw error
    host.disk.removeFile(file)
    host.disk.writeNew(file, bytes, mode)
    return true
  }
}

/** How RECORD leads from the directory that holds the dist-info to another one: "" or "../../../bin/". */
function recordPrefix(path: Context['host']['path'], site: string, directory: string): string {
  const relative = path.relative(site, directory).split(path.sep).join('/')
  return relative === '' ? '' : `${relative}/`
}
