// Words quoted for a POSIX shell, read back without one.

/** The words; undefined where a quote is left open. Knows quotes and backslashes, and nothing that a shell would carry out. */
export function unquoteShellWords(text: string): readonly string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  const pieces = /'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^\s'"\\]+)|(\s+)/gy
  let end = 0
  for (const match of text.matchAll(pieces)) {
    const [whole, single, double, escaped, bare, space] = match
    end = match.index + whole.length
    if (space === undefined) {
      const piece = single ?? double?.replace(/\\([\\"$`])/g, '$1') ?? escaped ?? bare ?? ''
      word = (word ?? '') + piece
    } else if (word !== undefined) {
      words.push(word)
      word = undefined
    }
  }
  if (end !== text.length) return undefined
  return word === undefined ? words : [...words, word]
}
