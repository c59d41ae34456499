// The environment variables that den reads besides those of its options, for docs/reference/environment-variables.md. A test looks
// through the sources for names that are missing here.

export interface Variable {
  readonly name: string
  readonly says: string
}

export interface VariableGroup {
  readonly title: string
  readonly variables: readonly Variable[]
}

export const variableGroups: readonly VariableGroup[] = [
  {
    title: 'den’s places',
    variables: [
      { name: 'DEN_HOME', says: 'den’s data: store, named environments, registry. Environments point into it' },
      { name: 'DEN_CACHE_DIR', says: 'the cache, which may be deleted at any time' },
      { name: 'DEN_CONFIG_FILE', says: 'den’s configuration file' },
      { name: 'XDG_DATA_HOME', says: 'where DEN_HOME is by default: its directory den' },
      { name: 'XDG_CACHE_HOME', says: 'where the cache is by default: its directory den' },
      { name: 'XDG_CONFIG_HOME', says: 'where configuration files are: den’s, pip’s, virtualenv’s' },
      { name: 'APPDATA', says: 'the same on Windows' },
      { name: 'LOCALAPPDATA', says: 'where DEN_HOME is by default on Windows; and where Windows’ Pythons are' },
      { name: 'HOME', says: 'the home directory, where the places above are by default' },
      { name: 'USERPROFILE', says: 'the home directory on Windows' },
    ],
  },
  {
    title: 'Output',
    variables: [
      { name: 'NO_COLOR', says: 'not empty: no colour, unless --color says otherwise' },
      { name: 'FORCE_COLOR', says: 'not empty and not 0: colour also where no terminal is' },
      { name: 'CLICOLOR_FORCE', says: 'the same' },
      { name: 'TERM', says: 'dumb: no colour and no progress line' },
      { name: 'COLUMNS', says: 'the width of the terminal' },
    ],
  },
  {
    title: 'Environments',
    variables: [
      { name: 'VIRTUAL_ENV', says: 'the active environment' },
      { name: 'VIRTUAL_ENV_PROMPT', says: 'its name in the prompt' },
      { name: 'VIRTUAL_ENV_DISABLE_PROMPT', says: 'not empty: activation leaves the prompt alone' },
      { name: 'CONDA_PREFIX', says: 'the active conda environment' },
      { name: 'PATH', says: 'where Pythons, programs and pip are looked for' },
      { name: 'PATHEXT', says: 'the endings of programs on Windows' },
      { name: 'SHELL', says: 'the shell that den shell starts' },
    ],
  },
]
