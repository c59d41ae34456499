// One line that tells what takes time: downloads, mostly. It is drawn over itself on a terminal and leaves nothing behind.

import type { DenEvent } from '../../base/event.ts'
import { visible } from './style.ts'
import { displayWidth, formatBytes } from './table.ts'

export interface Progress {
  show(event: DenEvent): void
  /** Takes the line away, so that something else can be written. */
  clear(): void
}

export interface ProgressRequest {
  readonly write: (text: string) => void
  /** Whether to show anything; asked at the first event only. */
  readonly wanted: () => boolean
  readonly columns: () => number
}

const clearLine = '\r\x1b[K'
/** Milliseconds between two drawings. */
const interval = 80

export function openProgress(request: ProgressRequest): Progress {
  let wanted: boolean | undefined
  let drawn = false
  let last = Number.NEGATIVE_INFINITY
  const downloads = new Map<string, { readonly received: number; readonly bytes?: number | undefined }>()

  const draw = (text: string): void => {
    const now = performance.now()
    if (now - last < interval) return
    last = now
    const line = visible(text).replaceAll('\n', ' ')
    const width = request.columns() - 1
    let shown = line
    while (shown !== '' && displayWidth(shown) > width) shown = shown.slice(0, -2)
    request.write(`${clearLine}${shown}`)
    drawn = true
  }

  return {
    show: (event) => {
      const line = take(downloads, event)
      if (line === undefined) return
      wanted ??= request.wanted()
      if (wanted) draw(line)
    },
    clear: () => {
      if (drawn) request.write(clearLine)
      drawn = false
    },
  }
}

function take(
  downloads: Map<string, { readonly received: number; readonly bytes?: number | undefined }>,
  event: DenEvent,
): string | undefined {
  switch (event.kind) {
    case 'fetch.started':
      downloads.set(event.url, { received: 0, bytes: event.bytes })
      break
    case 'fetch.progress':
      downloads.set(event.url, { received: event.received, bytes: event.bytes })
      break
    case 'fetch.done':
      downloads.delete(event.url)
      return undefined
    case 'create.started':
      return `creating ${event.path} …`
    case 'store.unpacked':
      return `unpacked ${event.distribution} (${event.files} files)`
    case 'install.linked':
      return `installed ${event.distribution} (${event.files} files)`
    default:
      return undefined
  }
  const received = [...downloads.values()].reduce((sum, each) => sum + each.received, 0)
  const known = [...downloads.values()].every((each) => each.bytes !== undefined)
  const bytes = [...downloads.values()].reduce((sum, each) => sum + (each.bytes ?? 0), 0)
  const amount = known && bytes > 0 ? `${formatBytes(received)} of ${formatBytes(bytes)}` : formatBytes(received)
  const name = nameOf([...downloads.keys()].at(-1) ?? '')
  return `fetching ${name}${downloads.size > 1 ? ` and ${downloads.size - 1} more` : ''}, ${amount}`
}

function nameOf(url: string): string {
  return (
    url
      .replace(/[?#].*$/, '')
      .split('/')
      .findLast((part) => part !== '') ?? url
  )
}
