// "Did you mean": den's own words for those of other tools; the known words nearest to a mistyped one are told by base/closest.ts.

export { closest, editDistance } from '../../base/closest.ts'

const install = ['add to a project: den add NAME', 'put packages into an environment: den pip install NAME']
const list = ['the environments on this machine: den env list', 'the Pythons: den python list']
const activate = [
  'a shell in which the environment is active: den shell',
  'in this shell, where it is bash or zsh: source .venv/bin/activate',
]
const remove = ['remove an environment: den env remove PATH']

/** Words that other tools have for what den calls differently, with what to type here. */
const elsewhere: readonly { readonly words: readonly string[]; readonly instead: readonly string[] }[] = [
  { words: ['install', 'i'], instead: install },
  { words: ['uninstall'], instead: ['take packages out: den remove NAME, den pip uninstall NAME', ...remove] },
  { words: ['rm', 'delete', 'rmvirtualenv'], instead: ['take a requirement out: den remove NAME', ...remove] },
  { words: ['list', 'ls', 'lsvirtualenv'], instead: list },
  { words: ['versions'], instead: ['the Pythons on this machine: den python list'] },
  {
    words: ['pyenv', 'local', 'global'],
    instead: ['the Pythons on this machine: den python list', "a directory's Python: den python pin VERSION"],
  },
  {
    words: ['conda', 'mamba'],
    instead: ['an environment to use from anywhere: den create -n NAME', "all environments, conda's too: den env list"],
  },
  { words: ['activate', 'use', 'workon'], instead: activate },
  { words: ['deactivate'], instead: ['leave an activated environment: deactivate', 'leave a den shell: exit'] },
  { words: ['new'], instead: ['begin a project: den init', 'make an environment: den create'] },
  { words: ['mkvirtualenv'], instead: ['make an environment: den create'] },
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
