// "Did you mean": the known words nearest to a mistyped one, and den's own for those of other tools.

/** Up to three of `known` that could have been meant, nearest first: few letters differ, or the word begins the same. */
export function closest(word: string, known: Iterable<string>): readonly string[] {
  const limit = Math.max(1, Math.floor(word.length / 3))
  const scored: { readonly name: string; readonly score: number }[] = []
  for (const name of known) {
    const distance = editDistance(word, name)
    if (distance <= limit) scored.push({ name, score: distance })
    else if (word.length >= 3 && name.startsWith(word)) scored.push({ name, score: limit + 1 })
  }
  return scored
    .sort((a, b) => a.score - b.score)
    .slice(0, 3)
    .map(({ name }) => name)
}

const install = ['put packages in: den pip install NAME']
const list = ['the environments on this machine: den env list', 'the Pythons: den python list']
const activate = [
  'a shell in which the environment is active: den shell',
  'in this shell, where it is bash or zsh: source .venv/bin/activate',
]
const remove = ['remove an environment: den env remove PATH']

/** Words that other tools have for what den calls differently, with what to type here. */
const elsewhere: readonly { readonly words: readonly string[]; readonly instead: readonly string[] }[] = [
  { words: ['install', 'add', 'i'], instead: install },
  { words: ['uninstall'], instead: ['take packages out: den pip uninstall NAME', ...remove] },
  { words: ['remove', 'rm', 'delete', 'rmvirtualenv'], instead: remove },
  { words: ['list', 'ls', 'lsvirtualenv'], instead: list },
  { words: ['versions'], instead: ['the Pythons on this machine: den python list'] },
  {
    words: ['pyenv', 'local', 'global'],
    instead: [
      'the Pythons on this machine: den python list',
      "a directory's Python: write its version into .python-version",
    ],
  },
  {
    words: ['conda', 'mamba'],
    instead: ['an environment to use from anywhere: den create -n NAME', "all environments, conda's too: den env list"],
  },
  { words: ['activate', 'use', 'workon'], instead: activate },
  { words: ['deactivate'], instead: ['leave an activated environment: deactivate', 'leave a den shell: exit'] },
  { words: ['init', 'new', 'mkvirtualenv'], instead: ['make an environment: den create'] },
  { words: ['info', 'show', 'which', 'where'], instead: ['where python and imports come from: den explain'] },
  { words: ['exec'], instead: ['run a command in the environment: den run COMMAND'] },
  { words: ['fix'], instead: ['find out what is wrong: den doctor', 'mend it: den repair'] },
  { words: ['mv', 'move', 'rename'], instead: ['move an environment: den env mv PATH TO'] },
  { words: ['cp', 'copy', 'clone'], instead: ['copy an environment: den env cp PATH TO'] },
  { words: ['clean', 'prune', 'purge'], instead: ['remove the cache: den cache clear'] },
]

/** What to type in den for a command that only other tools have; nothing for a word that none has. */
export function insteadOf(word: string): readonly string[] {
  return elsewhere.find(({ words }) => words.includes(word))?.instead ?? []
}

/** Damerau-Levenshtein distance of neighbouring letters: insert, delete, replace, swap. */
export function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1]
      let best = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, beforePrevious[j - 2]! + 1)
      }
      row.push(best)
    }
    beforePrevious = previous
    previous = row
  }
  return previous[b.length]!
}
