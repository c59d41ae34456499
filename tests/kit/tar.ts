// Tar archives made block by block, deterministic, and as wrong as a test wants them.

import zlib from 'node:zlib'

export interface TarInput {
  readonly name: string | Uint8Array
  readonly data?: string | Uint8Array
  /** The typeflag; '5' for a name that ends in `/`, else '0'. */
  readonly type?: string
  readonly mode?: number
  /** Seconds since 1970. */
  readonly modified?: number
  readonly target?: string
  /** Another size than the data has. */
  readonly size?: number
  /** The size field's twelve bytes as they are to stand there. */
  readonly rawSize?: string
  readonly prefix?: string
  /** "ustar\0" + "00" unless said. */
  readonly magic?: string
  /** A wrong sum. */
  readonly checksum?: number
  /** Records of an extended header before it; an array where one is to stand twice. */
  readonly pax?: Readonly<Record<string, string>> | readonly (readonly [string, string])[]
  /** Bytes of an extended header as they are to stand there. */
  readonly rawPax?: string | Uint8Array
  /** GNU's long name and long link target. */
  readonly longName?: string
  readonly longTarget?: string
  /** Where padding should be zeros. */
  readonly padding?: string
  /** Put into the header after the name's NUL. */
  readonly hidden?: string
}

export interface TarShape {
  /** Blocks at the end; two unless said. */
  readonly end?: number
  /** Bytes after the end. */
  readonly after?: Uint8Array
  /** Records of a global header at the start. */
  readonly global?: Readonly<Record<string, string>>
  /** How many bytes to cut off. */
  readonly cut?: number
}

export const gnuMagic = 'ustar  \0'

function bytesOf(data: string | Uint8Array): Buffer {
  return Buffer.from(data as string)
}

/** "LENGTH KEY=VALUE\n", the length counting itself. */
export function paxRecord(key: string, value: string): Buffer {
  const rest = bytesOf(` ${key}=${value}\n`)
  let length = rest.length + 1
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length
  return Buffer.concat([bytesOf(String(length)), rest])
}

/** One header block. */
export function tarHeader(entry: TarInput & { readonly length: number }): Buffer {
  const block = Buffer.alloc(512)
  const name = bytesOf(entry.name)
  const put = (text: string | Uint8Array, at: number, length: number): void => {
    bytesOf(text).subarray(0, length).copy(block, at)
  }
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`
  put(name, 0, 100)
  if (entry.hidden !== undefined) put(entry.hidden, Math.min(99, name.length + 1), 30)
  const type = entry.type ?? (name.at(-1) === 0x2f ? '5' : '0')
  put(octal(entry.mode ?? (type === '5' ? 0o755 : 0o644), 7), 100, 8)
  put(octal(0, 7), 108, 8)
  put(octal(0, 7), 116, 8)
  put(entry.rawSize ?? octal(entry.size ?? entry.length, 11), 124, 12)
  put(octal(entry.modified ?? 1_600_000_000, 11), 136, 12)
  put(type, 156, 1)
  put(entry.target ?? '', 157, 100)
  put(entry.magic ?? 'ustar\u000000', 257, 8)
  put(entry.prefix ?? '', 345, 155)
  block.fill(0x20, 148, 156)
  const sum = block.reduce((total, byte) => total + byte, 0)
  put(`${(entry.checksum ?? sum).toString(8).padStart(6, '0')}\0 `, 148, 8)
  return block
}

function padded(data: Buffer, padding = ''): Buffer {
  const rest = (512 - (data.length % 512)) % 512
  const pad = Buffer.alloc(rest)
  bytesOf(padding).subarray(0, rest).copy(pad)
  return Buffer.concat([data, pad])
}

/** The archive, not compressed. */
export function buildTar(entries: readonly TarInput[], shape: TarShape = {}): Uint8Array {
  const parts: Buffer[] = []
  const extension = (type: string, data: Buffer, magic?: string): void => {
    parts.push(
      tarHeader({
        name: type === 'x' || type === 'g' ? 'PaxHeader' : '././@LongLink',
        type,
        length: data.length,
        ...(magic === undefined ? {} : { magic }),
      }),
      padded(data),
    )
  }
  if (shape.global !== undefined)
    extension('g', Buffer.concat(Object.entries(shape.global).map(([key, value]) => paxRecord(key, value))))
  for (const entry of entries) {
    const data = bytesOf(entry.data ?? '')
    if (entry.longName !== undefined) extension('L', bytesOf(`${entry.longName}\0`), gnuMagic)
    if (entry.longTarget !== undefined) extension('K', bytesOf(`${entry.longTarget}\0`), gnuMagic)
    if (entry.rawPax !== undefined) extension('x', bytesOf(entry.rawPax))
    if (entry.pax !== undefined) {
      const records = Array.isArray(entry.pax) ? entry.pax : Object.entries(entry.pax)
      extension('x', Buffer.concat(records.map(([key, value]) => paxRecord(key as string, value as string))))
    }
    parts.push(tarHeader({ ...entry, length: data.length }), padded(data, entry.padding))
  }
  parts.push(Buffer.alloc(512 * (shape.end ?? 2)))
  if (shape.after !== undefined) parts.push(Buffer.from(shape.after))
  const whole = Buffer.concat(parts)
  return whole.subarray(0, whole.length - (shape.cut ?? 0))
}

/** gzip, with a header that is always the same. */
export function gzip(bytes: Uint8Array): Uint8Array {
  return zlib.gzipSync(bytes, { level: 6 })
}

export interface SdistInput {
  readonly name: string
  readonly version: string
  /** By path below the top directory. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  /** Entries besides, their names as they are. */
  readonly extra?: readonly TarInput[]
  readonly shape?: TarShape
}

export function sdistFilename(sdist: Pick<SdistInput, 'name' | 'version'>): string {
  return `${sdist.name.replace(/[-_.]+/g, '_')}-${sdist.version}.tar.gz`
}

/** PKG-INFO and what is given, in NAME-VERSION/, as a plain tar. */
export function sdistTar(sdist: SdistInput): Uint8Array {
  const top = sdistFilename(sdist).slice(0, -'.tar.gz'.length)
  const files = {
    'PKG-INFO': `Metadata-Version: 2.2\nName: ${sdist.name}\nVersion: ${sdist.version}\n`,
    ...sdist.files,
  }
  return buildTar(
    [
      { name: `${top}/` },
      ...Object.entries(files).map(([name, data]) => ({ name: `${top}/${name}`, data })),
      ...(sdist.extra ?? []),
    ],
    sdist.shape,
  )
}

export function buildSdist(sdist: SdistInput): Uint8Array {
  return gzip(sdistTar(sdist))
}
