// Several requirements in one word, as uv's --with takes them.

/**
 * "a,b[x,y]>=1,<2" is a and b[x,y]>=1,<2: a comma divides where a name follows it, outside of brackets. What is a path or an address, or has
 * a marker, is one.
 */
export function divideRequirements(word: string): readonly string[] {
  if (/[/\\;@]/.test(word)) return [word]
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let at = 0; at < word.length; at += 1) {
    const letter = word[at]!
    if (letter === '[' || letter === '(') depth += 1
    if (letter === ']' || letter === ')') depth -= 1
    if (letter !== ',' || depth > 0 || !/^\s*[A-Za-z0-9]/.test(word.slice(at + 1))) continue
    parts.push(word.slice(start, at).trim())
    start = at + 1
  }
  return [...parts, word.slice(start).trim()]
}
