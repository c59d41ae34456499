// Wheels made in memory: the same input gives the same bytes.

import crypto from 'node:crypto'
import { buildZip, type ZipInput, type ZipShape } from './zip.ts'

export interface WheelInput {
  readonly name: string
  readonly version: string
  /** Files by their path in the wheel; a module `NAME.py` unless said. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  /** Console scripts: name to `module:function`. */
  readonly scripts?: Readonly<Record<string, string>>
  readonly guiScripts?: Readonly<Record<string, string>>
  /** `.data` by scheme: scripts, headers, data, purelib, platlib. */
  readonly data?: Readonly<Record<string, Readonly<Record<string, string | Uint8Array>>>>
  readonly tag?: string
  readonly rootIsPurelib?: boolean
  readonly wheelVersion?: string
  readonly requires?: readonly string[]
  readonly requiresPython?: string
  /** Paths packed with the executable bit. */
  readonly executables?: readonly string[]
  readonly entryPoints?: string
  /** RECORD as it is to stand there, or a change of the right one. */
  readonly record?: string | ((right: string) => string)
  readonly metadata?: string
  readonly wheelFile?: string
  /** Zip entries besides, and the archive's shape, for hostile ones. They stand in no RECORD unless `record` says so. */
  readonly extra?: readonly ZipInput[]
  readonly shape?: ZipShape
}

/** The dist-info directory's name as the wheel standard spells it. */
export function distInfoOf(wheel: Pick<WheelInput, 'name' | 'version'>): string {
  return `${wheel.name.replace(/[-_.]+/g, '_')}-${wheel.version}.dist-info`
}

export function wheelFilename(wheel: Pick<WheelInput, 'name' | 'version' | 'tag'>): string {
  return `${wheel.name.replace(/[-_.]+/g, '_')}-${wheel.version}-${wheel.tag ?? 'py3-none-any'}.whl`
}

/** METADATA's text. */
export function wheelMetadata(wheel: WheelInput): string {
  return (
    wheel.metadata ??
    [
      'Metadata-Version: 2.1',
      `Name: ${wheel.name}`,
      `Version: ${wheel.version}`,
      ...(wheel.requiresPython === undefined ? [] : [`Requires-Python: ${wheel.requiresPython}`]),
      ...(wheel.requires ?? []).map((requirement) => `Requires-Dist: ${requirement}`),
      '',
      '',
    ].join('\n')
  )
}

/** The wheel's bytes. */
export function buildWheel(wheel: WheelInput): Uint8Array {
  const distInfo = distInfoOf(wheel)
  const files = new Map<string, string | Uint8Array>()
  const contents = wheel.files ?? { [`${wheel.name.replace(/[-.]/g, '_')}.py`]: `version = '${wheel.version}'\n` }
  for (const [path, data] of Object.entries(contents)) files.set(path, data)
  for (const [scheme, entries] of Object.entries(wheel.data ?? {})) {
    for (const [path, data] of Object.entries(entries))
      files.set(`${distInfo.replace(/\.dist-info$/, '.data')}/${scheme}/${path}`, data)
  }
  files.set(`${distInfo}/METADATA`, wheelMetadata(wheel))
  files.set(
    `${distInfo}/WHEEL`,
    wheel.wheelFile ??
      [
        `Wheel-Version: ${wheel.wheelVersion ?? '1.0'}`,
        'Generator: den-kit',
        `Root-Is-Purelib: ${wheel.rootIsPurelib ?? true}`,
        `Tag: ${wheel.tag ?? 'py3-none-any'}`,
        '',
      ].join('\n'),
  )
  const section = (title: string, scripts: Readonly<Record<string, string>> | undefined): string =>
    scripts === undefined
      ? ''
      : `[${title}]\n${Object.entries(scripts)
          .map(([name, reference]) => `${name} = ${reference}\n`)
          .join('')}\n`
  const entryPoints =
    wheel.entryPoints ?? section('console_scripts', wheel.scripts) + section('gui_scripts', wheel.guiScripts)
  if (entryPoints !== '') files.set(`${distInfo}/entry_points.txt`, entryPoints)
  const rows = [...files].map(([path, data]) => {
    const digest = crypto.createHash('sha256').update(data).digest('base64url')
    return `${/[",]/.test(path) ? `"${path.replaceAll('"', '""')}"` : path},sha256=${digest},${Buffer.byteLength(data)}`
  })
  const right = `${[...rows, `${distInfo}/RECORD,,`].join('\n')}\n`
  const record = typeof wheel.record === 'function' ? wheel.record(right) : (wheel.record ?? right)
  const executables = new Set(wheel.executables)
  const entries: ZipInput[] = [...files].map(([name, data]) => ({
    name,
    data,
    mode: executables.has(name) ? 0o100755 : 0o100644,
  }))
  entries.push({ name: `${distInfo}/RECORD`, data: record }, ...(wheel.extra ?? []))
  return buildZip(entries, wheel.shape)
}
