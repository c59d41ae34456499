import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DenEvent } from '../../base/event.ts'
import { openProgress } from './progress.ts'
import { displayWidth } from './table.ts'

const wheel = 'https://files.example.org/numpy-2.0-cp312-cp312-manylinux_2_28_x86_64.whl'

function screen(columns: number, wanted = true) {
  const written: string[] = []
  let time = 0
  const progress = openProgress({
    write: (text) => void written.push(text),
    wanted: () => wanted,
    columns: () => columns,
    now: () => time,
  })
  return {
    written,
    progress,
    /** Shows the event a second later than the one before. */
    show: (event: DenEvent): readonly string[] => {
      time += 1000
      const before = written.length
      progress.show(event)
      // What a terminal would show of the last drawing.
      const drawn = written.length > before ? written.at(-1)! : ''
      return drawn.slice(drawn.indexOf('\x1b[J') + 3).split('\n')
    },
  }
}

test('a download has a bar with what came, what will, and how fast', () => {
  const { show } = screen(100)
  show({ kind: 'fetch.started', url: wheel, bytes: 20_000_000 })
  const [bar, line] = show({ kind: 'fetch.progress', url: wheel, received: 10_000_000, bytes: 20_000_000 })
  assert.match(bar!, /^numpy-2\.0-\S+… +━+─+ .*of .*\/s$/)
  assert.equal(bar!.match(/━/g)!.length, bar!.match(/─/g)!.length)
  assert.match(line!, /^fetching numpy-2\.0.*\/s$/)
})

test('no line is wider than the terminal, and 40 columns show a percentage', () => {
  for (const columns of [40, 24, 60, 80, 120]) {
    const { show } = screen(columns)
    show({ kind: 'fetch.started', url: wheel, bytes: 20_000_000 })
    const lines = show({ kind: 'fetch.progress', url: wheel, received: 10_000_000, bytes: 20_000_000 })
    for (const line of lines) assert.ok(displayWidth(line) < columns, `${columns}: ${line}`)
    if (columns === 40) assert.match(lines[0]!, /^numpy\S+ +50 % /)
  }
})

test('what is counted is counted: files to fetch, distributions to link', () => {
  const { show, progress, written } = screen(80)
  const chosen = ['a', 'b', 'c'].map((name) => ({ name, version: '1', by: [] }))
  show({ kind: 'resolve.done', milliseconds: 1, chosen })
  show({ kind: 'fetch.started', url: 'https://example.org/a-1.whl', bytes: 10 })
  show({ kind: 'fetch.done', url: 'https://example.org/a-1.whl', bytes: 10 })
  assert.match(show({ kind: 'fetch.started', url: 'https://example.org/b-1.whl' }).at(-1)!, /^fetching 2 of 3, /)
  show({ kind: 'fetch.done', url: 'https://example.org/b-1.whl', bytes: 10 })
  show({ kind: 'apply.started', path: '/e', install: 3, remove: 0 })
  const linked = show({ kind: 'install.linked', distribution: 'a 1', files: 3, mode: 'hardlink' })
  assert.deepEqual(linked, ['linking 1 of 3: a 1'])
  progress.clear()
  assert.equal(written.at(-1), '\r\x1b[J')
  progress.clear()
  assert.equal(written.filter((text) => text === '\r\x1b[J').length, 1)
})

test('several downloads take several lines, which go again as one block', () => {
  const { show, progress, written } = screen(80)
  for (let each = 0; each < 8; each += 1)
    show({ kind: 'fetch.started', url: `https://example.org/p${each}-1.whl`, bytes: 1000 })
  const lines = show({ kind: 'fetch.progress', url: 'https://example.org/p0-1.whl', received: 500, bytes: 1000 })
  assert.equal(lines.length, 6)
  assert.match(lines.at(-1)!, /p0-1\.whl and 7 more/)
  progress.clear()
  assert.equal(written.at(-1), '\r\x1b[5A\x1b[J')
})

test('pages are asked for without bars', () => {
  const { show } = screen(80)
  show({ kind: 'fetch.started', url: 'https://example.org/simple/six/', bytes: 100 })
  const lines = show({ kind: 'fetch.started', url: 'https://example.org/simple/app/', bytes: 100 })
  assert.deepEqual(lines, ['asking for six and 1 more, 0 B'])
})

test('where nothing is wanted nothing is written', () => {
  const { show, written } = screen(80, false)
  show({ kind: 'fetch.started', url: wheel, bytes: 1 })
  assert.deepEqual(written, [])
})
