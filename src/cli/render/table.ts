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
  // Nearly every text; the expressions below take milliseconds to be made.
  if (/^[\x20-\x7e]*$/.test(text)) return text.length
  let width = 0
  for (const character of text.replace(/\x1b\[[\d;]*m/g, '')) {
    if (/[\p{Mn}\p{Me}\p{Cf}]/u.test(character)) continue
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
        character,
      )
        ? 2
        : 1
  }
  return width
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
