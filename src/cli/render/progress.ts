// What takes time, while it takes it: a bar for each download, with its speed, and a line that counts. Drawn over itself on a terminal;
// nothing of it stays behind.

import type { DenEvent } from '../../base/event.ts'
import { visible } from './style.ts'
import { displayWidth, formatBytes } from './table.ts'

export interface Progress {
  show(event: DenEvent): void
  /** Takes the lines away, so that something else can be written. */
  clear(): void
}

export interface ProgressRequest {
  readonly write: (text: string) => void
  /** Whether to show anything; asked at the first event only. */
  readonly wanted: () => boolean
  readonly columns: () => number
  /** Milliseconds from some beginning; the machine's clock unless said. */
  readonly now?: () => number
}

/** Milliseconds between two drawings. */
const interval = 80
/** More bars than that would be a wall; the last line counts the rest. */
const mostBars = 5

export function openProgress(request: ProgressRequest): Progress {
  const now = request.now ?? (() => performance.now())
  let wanted: boolean | undefined
  let drawn = 0
  let last = Number.NEGATIVE_INFINITY
  const state = newState()

  const clear = (): void => {
    if (drawn > 0) request.write(`\r${drawn > 1 ? `\x1b[${drawn - 1}A` : ''}\x1b[J`)
    drawn = 0
  }
  const draw = (): void => {
    const time = now()
    if (time - last < interval) return
    last = time
    const width = Math.max(10, request.columns() - 1)
    const lines = linesOf(state, width, time).map((line) => cut(visible(line).replaceAll('\n', ' '), width))
    if (lines.length === 0) return
    const up = drawn > 1 ? `\x1b[${drawn - 1}A` : ''
    request.write(`\r${up}\x1b[J${lines.join('\n')}`)
    drawn = lines.length
  }

  return {
    show: (event) => {
      if (!take(state, event, now())) return
      wanted ??= request.wanted()
      if (wanted) draw()
    },
    clear,
  }
}

interface Download {
  readonly name: string
  readonly started: number
  received: number
  bytes: number | undefined
}

interface State {
  readonly downloads: Map<string, Download>
  /** Distributions that are being built, and since when. */
  readonly builds: Map<string, number>
  /** How many distributions are to come; 0: not known. */
  coming: number
  fetched: number
  bytes: number
  since: number | undefined
  linked: number
  /** The distribution that was linked last. */
  last: string
  /** What happened last, where there is nothing to count. */
  line: string
}

function newState(): State {
  return {
    downloads: new Map(),
    builds: new Map(),
    coming: 0,
    fetched: 0,
    bytes: 0,
    since: undefined,
    linked: 0,
    last: '',
    line: '',
  }
}

/** Notes the event; whether there is something new to be drawn. */
function take(state: State, event: DenEvent, now: number): boolean {
  const { downloads, builds } = state
  switch (event.kind) {
    case 'resolve.done':
      Object.assign(state, { coming: event.chosen.length, fetched: 0, bytes: 0, since: now, linked: 0, line: '' })
      return event.chosen.length > 0
    case 'fetch.started':
      state.since ??= now
      downloads.set(event.url, { name: nameOf(event.url), started: now, received: 0, bytes: event.bytes })
      return true
    case 'fetch.progress': {
      const download = downloads.get(event.url)
      if (download === undefined) return false
      Object.assign(download, { received: event.received, bytes: event.bytes })
      return true
    }
    case 'fetch.done':
      downloads.delete(event.url)
      state.bytes += event.bytes
      if (isDistribution(event.url)) state.fetched += 1
      return state.coming > 0
    case 'build.started':
      builds.set(event.distribution, now)
      return true
    case 'build.done':
      builds.delete(event.distribution)
      return false
    case 'create.started':
      state.line = `creating ${event.path} …`
      return true
    case 'store.unpacked':
      state.line = `unpacked ${event.distribution} (${event.files} files)`
      return true
    case 'apply.started':
      state.coming = event.install
      state.linked = 0
      return event.install > 0
    case 'install.linked':
      state.linked += 1
      state.last = event.distribution
      state.line = `installed ${event.distribution} (${event.files} files)`
      return true
    default:
      return false
  }
}

function linesOf(state: State, width: number, now: number): readonly string[] {
  const { downloads, builds, coming, linked, last, line } = state
  const active = [...downloads.values()].sort((a, b) => a.started - b.started)
  const shown = active.filter(isWorthABar).slice(0, mostBars)
  const bars = shown.map((download) => barLine(download, width, now))
  const building = [...builds].map(([name, since]) => `building ${name}, ${Math.floor((now - since) / 1000)} s`)
  if (linked > 0 && active.length === 0)
    return [...building, coming > 1 ? `${counted('linking', linked, coming)}: ${last}` : line]
  if (active.length === 0) return building.length > 0 ? building : line === '' ? [] : [line]
  return [...bars, ...building, fetchLine(state, active, now)]
}

function fetchLine({ coming, fetched, bytes, since }: State, active: readonly Download[], now: number): string {
  const received = bytes + active.reduce((sum, each) => sum + each.received, 0)
  const seconds = (now - (since ?? now)) / 1000
  const speed = seconds > 0.5 ? `, ${formatBytes(received / seconds)}/s` : ''
  const [first] = active
  const more = active.length > 1 ? ` and ${active.length - 1} more` : ''
  const asking = coming === 0 && !active.some(isWorthABar)
  if (asking) return `asking for ${first?.name ?? ''}${more}, ${formatBytes(received)}`
  const what =
    coming > 1 ? counted('fetching', Math.min(fetched + 1, coming), coming) : `fetching ${first?.name ?? ''}${more}`
  return `${what}, ${formatBytes(received)}${speed}`
}

/** Pages and metadata come and go too fast to be drawn. */
function isWorthABar({ name, bytes }: Download): boolean {
  return bytes !== undefined && (isDistribution(name) || bytes > 2_000_000)
}

function counted(what: string, done: number, all: number): string {
  return `${what} ${done} of ${all}`
}

/** "NAME ━━━━━╸──── 12.0 of 48.1 MB 3.4 MB/s"; on a narrow terminal a percentage stands for bar and sizes. */
function barLine({ name, started, received, bytes = 0 }: Download, width: number, now: number): string {
  const part = bytes > 0 ? Math.min(1, received / bytes) : 1
  const seconds = (now - started) / 1000
  const speed = seconds > 0.3 ? ` ${formatBytes(received / seconds)}/s` : ''
  const percent = `${String(Math.floor(part * 100)).padStart(3)} %`
  const nameWidth = Math.min(36, Math.max(8, Math.floor(width * 0.4)))
  const label = pad(cut(name, nameWidth), nameWidth)
  const amount = ` ${formatBytes(received)} of ${formatBytes(bytes)}${speed}`
  const room = width - nameWidth - 1 - displayWidth(amount)
  if (room < 8) {
    const short = `${percent}${speed}`
    return `${pad(cut(name, Math.max(4, width - displayWidth(short) - 1)), width - displayWidth(short) - 1)} ${short}`
  }
  const length = Math.min(room, 30)
  const full = Math.floor(part * length)
  return `${label} ${'━'.repeat(full)}${'─'.repeat(length - full)}${amount}`
}

function cut(text: string, width: number): string {
  let shown = text
  while (shown !== '' && displayWidth(shown) > width) shown = `${shown.slice(0, -2).trimEnd()}…`.replace(/^…$/, '')
  return shown
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)))
}

function isDistribution(address: string): boolean {
  return /\.(?:whl|zip|tar\.\w+|tgz)$/i.test(nameOf(address))
}

function nameOf(url: string): string {
  return (
    url
      .replace(/[?#].*$/, '')
      .split('/')
      .findLast((part) => part !== '') ?? url
  )
}
