// Columns of text, as wide as their widest cell. The last column is never padded.

/** One row a line, columns two spaces apart; colour codes count for no width. Ends without a newline. */
export function renderTable(rows: readonly (readonly string[])[], indent = ''): string {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, displayWidth(cell))
    })
  }
  return rows
    .map((row) => {
      const last = row.findLastIndex((cell) => cell !== '')
      const cells = row
        .slice(0, last + 1)
        .map((cell, column) => (column === last ? cell : cell + ' '.repeat(widths[column]! - displayWidth(cell))))
      return indent + cells.join('  ')
    })
    .join('\n')
}

/** Terminal columns: colour codes and combining marks take none, East Asian wide characters and emoji two. */
export function displayWidth(text: string): number {
  let width = 0
  for (const character of text.includes('\x1b') ? text.replace(/\x1b\[[\d;]*m/g, '') : text) {
    width += columnsOf(character.codePointAt(0)!)
  }
  return width
}

// Ranges and not \p{…}: in a compiled Bun, making one such expression takes a millisecond.
const none: readonly (readonly [number, number])[] = [
  [0x300, 0x36f],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x2069],
  [0x20d0, 0x20ff],
  [0xfe00, 0xfe0f],
  [0xfe20, 0xfe2f],
]
const two: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x2e80, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1faff],
  [0x20000, 0x3fffd],
]

function columnsOf(code: number): number {
  if (code < 0x300) return 1
  const within = ([first, last]: readonly [number, number]): boolean => code >= first && code <= last
  if (none.some(within)) return 0
  return two.some(within) ? 2 : 1
}

/** The words in lines of at most `width` columns. Spaces inside a word that is longer stay with it. */
export function wrapText(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && displayWidth(line) + 1 + displayWidth(word) > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

/** "1.2 MB": bytes for people, decimal units. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  const units = ['kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = -1
  do {
    value /= 1000
    unit += 1
  } while (value >= 999.5 && unit < units.length - 1)
  return `${value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}
