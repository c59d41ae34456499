// METADATA out of a wheel without the rest of it: from a file by its directory, from a server by range requests.

import { DenError, isDenError } from '../base/error.ts'
import type { SafeUrl } from '../base/safe-url.ts'
import { type ByteSource, pickFromZip } from '../format/zip.ts'
import type { Context } from '../host/host.ts'
import type { RangeAnswer, Span } from '../net/range.ts'
import type { RangeRequest, Transport } from '../net/transport.ts'
import { tryParseDistInfoName, type WheelFilename } from '../spec/filename.ts'
import { extractEntry } from '../store/extract.ts'

/** METADATA's text. Throws `invalid-archive` and `invalid-wheel` for what the store would refuse as well. */
export function readWheelMetadata(source: ByteSource, wheel: WheelFilename): string {
  const file = wheel.filename
  const invalid = (reason: string): DenError => new DenError('invalid-wheel', { file, reason })
  const isMetadata = (name: string): boolean => /^[^/]+\.dist-info\/METADATA$/i.test(name)
  const { names, entries } = pickFromZip(source, { file, wanted: isMetadata })
  const tops = new Set(names.filter((name) => name.includes('/')).map((name) => name.slice(0, name.indexOf('/'))))
  const [distInfo, ...others] = [...tops].filter((top) => top.toLowerCase().endsWith('.dist-info'))
  if (distInfo === undefined) throw invalid('it has no dist-info directory')
  if (others.length > 0) throw invalid(`it has several dist-info directories: ${[distInfo, ...others].join(', ')}`)
  const parsed = tryParseDistInfoName(distInfo)
  if (parsed?.name !== wheel.name || parsed.version.key !== wheel.version.key)
    throw invalid(`its dist-info directory is that of something else: ${distInfo}`)
  const entry = entries.find(({ name }) => name === `${distInfo}/METADATA`)
  if (entry === undefined) throw invalid(`it has no ${distInfo}/METADATA`)
  if (entry.size > 2 ** 26) throw invalid(`its METADATA has ${entry.size} bytes`)
  return decodeMetadata(extractEntry(source, entry, file))
}

/** An old METADATA may be Latin-1, which only its description shows. */
export function decodeMetadata(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('latin1').decode(bytes)
  }
}

/** A file of this machine. Throws what reading throws. */
export function fileSource({ host }: Pick<Context, 'host'>, path: string): ByteSource {
  const size = host.files.stat(path)?.size
  if (size === undefined) throw new DenError('io-failed', { operation: 'read', path, errno: 'ENOENT' })
  return {
    size,
    read: (offset, length) => {
      const bytes = host.files.readBytes(path, { start: offset, length })
      if (bytes?.length !== length) throw new DenError('io-failed', { operation: 'read', path, errno: 'EIO' })
      return bytes
    },
  }
}

/** Holds the directory of all but the largest wheels, and often METADATA too, which stands near the end. */
const tail = 32 * 1024
/** Asked for at once where less is needed: the next thing to be read stands beside it. */
const leastRequest = 8 * 1024
/** More requests than that cost more than the file. */
const mostRequests = 6

/**
 * METADATA of a wheel on a server, by as few range requests as it takes; undefined where the server does not give parts of files.
 * Throws as `readWheelMetadata` does, and what the transport throws.
 */
export async function fetchWheelMetadata(
  transport: Transport,
  url: SafeUrl,
  wheel: WheelFilename,
): Promise<string | undefined> {
  const pieces: { readonly start: number; readonly bytes: Uint8Array }[] = []
  let size = 0
  let validator: string | undefined
  const request = async (span: Span): Promise<boolean> => {
    // Taken as a whole where that is no more than was asked for.
    const wholeUpTo = pieces.length === 0 ? tail : 0
    const answer = await pieceOf(transport, { url, span, validator, wholeUpTo, attempts: 2 })
    if (answer === undefined || answer.kind === 'none') return false
    const start = answer.kind === 'range' ? answer.start : 0
    const total = answer.kind === 'range' ? answer.total : answer.bytes.length
    // Parts of two different files would be put together otherwise.
    if (total === undefined || (pieces.length > 0 && total !== size)) return false
    size = total
    if (answer.kind === 'range') validator ??= answer.validator
    pieces.push({ start, bytes: answer.bytes })
    return true
  }
  if (!(await request({ last: tail }))) return undefined
  for (let count = 1; ; count += 1) {
    const missing = new Missing()
    try {
      return readWheelMetadata(sparseSource(size, pieces, missing), wheel)
    } catch (error) {
      if (error !== missing) throw error
    }
    if (count === mostRequests) return undefined
    const length = Math.min(Math.max(missing.length, leastRequest), size - missing.offset)
    if (length > 2 ** 26 || !(await request({ start: missing.offset, end: missing.offset + length - 1 })))
      return undefined
  }
}

/** Undefined where it did not go well: the whole file is worth all the attempts that there are. A server that is silent stays so. */
async function pieceOf(transport: Transport, request: RangeRequest): Promise<RangeAnswer | undefined> {
  try {
    return await transport.readRange(request)
  } catch (error) {
    const isSilent = error instanceof Error && (error.cause as { silent?: boolean } | undefined)?.silent === true
    if (isSilent || !isDenError(error, 'http-status', 'fetch-failed')) throw error
    return undefined
  }
}

/** Thrown by a source that has not got what is read; the reader starts again when it is there. */
class Missing {
  offset = 0
  length = 0
}

function sparseSource(
  size: number,
  pieces: readonly { readonly start: number; readonly bytes: Uint8Array }[],
  missing: Missing,
): ByteSource {
  return {
    size,
    read: (offset, length) => {
      const piece = pieces.find(({ start, bytes }) => start <= offset && offset + length <= start + bytes.length)
      if (piece !== undefined) return piece.bytes.subarray(offset - piece.start, offset - piece.start + length)
      missing.offset = offset
      missing.length = length
      throw missing
    },
  }
}
