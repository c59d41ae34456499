// `python -m venv .` makes a project's own directory the environment; taking that away would take the sources along, with their history.

const mark =
  /^(?:\.git|\.hg|\.svn|\.jj|pyproject\.toml|setup\.cfg|Pipfile|package\.json|environment\.ya?ml|.+\.(?:py|ipynb))$/

/** Those of the names in a directory that nobody keeps in an environment that is one and nothing else; sorted. */
export function projectMarks(names: readonly string[]): readonly string[] {
  return names.filter((name) => mark.test(name)).sort()
}
