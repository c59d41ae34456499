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
      {
        name: 'DEN_PROJECT_ENVIRONMENT',
        says: 'where a project’s environment is; .venv beside pyproject.toml unless said',
      },
      { name: 'UV_PROJECT_ENVIRONMENT', says: 'the same, where DEN_PROJECT_ENVIRONMENT is not set' },
      { name: 'VIRTUAL_ENV_DISABLE_PROMPT', says: 'not empty: activation leaves the prompt alone' },
      { name: 'CONDA_PREFIX', says: 'the active conda environment' },
      { name: 'CONDA_DEFAULT_ENV', says: 'its name, which den run sets for one of conda’s' },
      { name: 'PATH', says: 'where Pythons, programs and pip are looked for' },
      { name: 'MAKEFLAGS', says: 'tells den run of make’s jobserver, whose descriptors it hands on' },
      { name: 'PATHEXT', says: 'the endings of programs on Windows' },
      {
        name: 'SHELL',
        says: 'the shell that den shell starts where the calling one is not known, and that den create speaks to',
      },
      { name: 'ComSpec', says: 'the same on Windows' },
      { name: 'DEN_SHELL', says: 'set by den shell: the environment that this shell was started for' },
      { name: 'ZDOTDIR', says: 'where zsh’s start-up files are: den shell reads them first' },
      { name: 'ENV', says: 'the start-up file of sh and ksh: den shell reads it first' },
      { name: 'PROMPT', says: 'the prompt of cmd, which den shell puts the environment in front of' },
    ],
  },
  {
    title: 'Packages and the network',
    variables: [
      {
        name: 'DEN_COMPILE_BYTECODE',
        says: 'now: den pip install compiles what it installed before it ends; never: Python does it when it imports; background (the default): a process of its own compiles, once for all environments of links',
      },
      { name: 'DEN_INDEX_URL', says: 'the index that seeds come from' },
      {
        name: 'PIP_INDEX_URL',
        says: 'the same, as pip reads it. Every other PIP_* variable counts for den pip as for pip, too: docs/reference/pip.md',
      },
      {
        name: 'DEN_INDEX_STRATEGY',
        says: 'first-index: a project comes from the first index that has it; best-version: from all of them',
      },
      { name: 'DEN_FIND_LINKS', says: 'directories of wheels, looked into before the index' },
      { name: 'PIP_FIND_LINKS', says: 'the same, as pip reads it' },
      { name: 'PIP_CONFIG_FILE', says: 'pip’s configuration file' },
      { name: 'XDG_CONFIG_DIRS', says: 'where pip’s configuration for all users is' },
      { name: 'PROGRAMDATA', says: 'the same on Windows' },
      { name: 'PIP_CERT', says: 'a file of certificates to trust' },
      { name: 'SSL_CERT_FILE', says: 'the same' },
      { name: 'REQUESTS_CA_BUNDLE', says: 'the same' },
      { name: 'CURL_CA_BUNDLE', says: 'the same' },
      { name: 'SSL_CERT_DIR', says: 'a directory of certificates to trust' },
      { name: 'NODE_EXTRA_CA_CERTS', says: 'a file of certificates to trust besides the system’s' },
      { name: 'HTTPS_PROXY', says: 'the proxy of https addresses; in lower case too' },
      {
        name: 'HTTP_PROXY',
        says: 'the proxy of http addresses; in lower case only where REQUEST_METHOD is set, as a web server sets it from a request',
      },
      { name: 'ALL_PROXY', says: 'the proxy of both' },
      { name: 'NO_PROXY', says: 'hosts that are reached without a proxy' },
      { name: 'PIP_CLIENT_CERT', says: 'a file with a certificate and its key, for servers that ask for one' },
      { name: 'NETRC', says: 'the file of logins by host; ~/.netrc unless said' },
      {
        name: 'GIT_CONFIG_COUNT',
        says: 'with its keys and values, settings of git that den adds to, when it fetches repositories',
      },
      { name: 'HGRCPATH', says: 'Mercurial’s configuration files, which den adds to when it fetches repositories' },
      { name: 'REQUEST_METHOD', says: 'set: den runs under a web server, and HTTP_PROXY may be a stranger’s' },
    ],
  },
  {
    title: 'Builds',
    variables: [
      { name: 'DEN_BUILD_NETWORK', says: '1: what is built from source may use the network' },
      { name: 'DEN_BUILD_TIMEOUT', says: 'seconds that a step of a build may take; 3600 unless said' },
    ],
  },
  {
    title: 'Where other tools keep Pythons and environments',
    variables: [
      { name: 'PYENV_ROOT', says: 'pyenv’s directory; PYENV and PYENV_HOME that of pyenv-win' },
      { name: 'PYENV_VERSION', says: 'the version that pyenv’s shims stand for' },
      { name: 'CONDA_EXE', says: 'conda’s executable, and so its installation' },
      {
        name: 'CONDARC',
        says: 'conda’s configuration, which names directories of environments; so do CONDA_ENVS_PATH and CONDA_ENVS_DIRS',
      },
      { name: 'UV_PYTHON_INSTALL_DIR', says: 'uv’s Pythons' },
      { name: 'MISE_DATA_DIR', says: 'mise’s Pythons' },
      { name: 'MISE_CONFIG_DIR', says: 'mise’s configuration' },
      { name: 'MISE_PYTHON_VERSION', says: 'the version that mise’s shims stand for' },
      { name: 'ASDF_DATA_DIR', says: 'asdf’s Pythons' },
      { name: 'ASDF_PYTHON_VERSION', says: 'the version that asdf’s shims stand for' },
      { name: 'ASDF_DEFAULT_TOOL_VERSIONS_FILENAME', says: 'the name of asdf’s version files' },
      { name: 'USER', says: 'whose Nix profile is looked into' },
      { name: 'HOMEBREW_PREFIX', says: 'Homebrew’s directory' },
      { name: 'SCOOP', says: 'Scoop’s directory; SCOOP_GLOBAL that for all users' },
      { name: 'SCOOP_GLOBAL', says: 'Scoop’s directory for all users' },
      { name: 'WINPYTHON_HOME', says: 'WinPython’s directory' },
      { name: 'ProgramData', says: 'where Windows keeps programs’ data for all users' },
      { name: 'WORKON_HOME', says: 'the environments of virtualenvwrapper and pipenv' },
      { name: 'POETRY_VIRTUALENVS_PATH', says: 'poetry’s environments' },
      { name: 'HATCH_ENV_TYPE_VIRTUAL_PATH', says: 'hatch’s environments' },
      { name: 'UV_CACHE_DIR', says: 'uv’s cache' },
      { name: 'UV_TOOL_DIR', says: 'the environments of uv’s tools' },
      {
        name: 'PROCESSOR_ARCHITECTURE',
        says: 'what kind of processor Windows says it is; PROCESSOR_ARCHITEW6432 to a 32-bit program',
      },
      {
        name: 'PROCESSOR_ARCHITEW6432',
        says: 'the processor itself, where PROCESSOR_ARCHITECTURE is that of a 32-bit program',
      },
      { name: 'LD_LIBRARY_PATH', says: 'where an interpreter’s shared library is looked for' },
    ],
  },
  {
    title: 'virtualenv',
    variables: [
      { name: 'VIRTUALENV_CONFIG_FILE', says: 'virtualenv.ini, read by den virtualenv' },
      { name: 'VIRTUALENV_OVERRIDE_APP_DATA', says: 'as --app-data of den virtualenv, where that is not given' },
    ],
  },
  {
    title: 'pip',
    variables: [
      { name: 'PIP_NO_COLOR', says: 'yes: den pip shows no colour' },
      { name: 'PIP_AUTO_COMPLETE', says: 'set by the code of pip completion: den pip answers with completions' },
      { name: 'COMP_WORDS', says: 'the words of the command line that is completed' },
      { name: 'COMP_CWORD', says: 'which of them is completed' },
      { name: 'VISUAL', says: 'the editor of den pip config edit' },
      { name: 'EDITOR', says: 'the same, where VISUAL is not set' },
    ],
  },
  {
    title: 'Explained, not obeyed',
    variables: [
      {
        name: 'PYTHONHOME',
        says: 'like every PYTHON* variable, PIP_TARGET, PIP_USER and the like it changes what Python and pip do; den explain and den doctor say how. den takes PYTHONHOME away from what den run starts',
      },
      { name: 'PYTHONPATH', says: 'the same' },
      { name: 'PYTHONNOUSERSITE', says: 'the same' },
      { name: 'PYTHONUSERBASE', says: 'the same' },
    ],
  },
  {
    title: 'For den’s own tests',
    variables: [{ name: 'DEN_TEST_FAULT', says: 'makes the disk fail where it says; never set it' }],
  },
]
