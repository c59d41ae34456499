// Every flag of the peers' commands and what den does with it, for docs/reference/flags-of-the-peers.md. tests/e2e/peers/flags.test.ts
// compares it with the peers' own parsers.

export interface FlagRow {
  readonly flags: readonly string[]
  readonly says: string
}

export interface PeerTable {
  /** "venv", "virtualenv", "uv venv": how the test calls it. */
  readonly peer: string
  readonly title: string
  readonly says: readonly string[]
  readonly rows: readonly FlagRow[]
}

const row = (flags: string, says: string): FlagRow => ({ flags: flags.split(' '), says })

const venv: PeerTable = {
  peer: 'venv',
  title: 'python -m venv → den venv',
  says: [
    'The newest `python -m venv`, for every Python from 2.7 on. Nothing is said when all went well; 1 is the exit code of a failure, 2 of a wrong command line. What den adds: `-p SPEC` (the base Python; venv’s is the one it runs in), `--json`, `--dry-run`. They never make one of venv’s abbreviations ambiguous.',
    'Otherwise than venv, on purpose: `--clear` refuses a directory that holds something else than an environment (venv deletes it); a failure leaves nothing half-made; a path with a line break is refused; a name or prompt with quotes, `$()` or backticks does no harm in any shell.',
  ],
  rows: [
    row('-h --help', 'the same'),
    row('ENV_DIR', 'the same, one or more; without one it is `.venv`, as PEP 832 has it'),
    row('--system-site-packages', 'the same'),
    row('--symlinks', 'the same: links are the default everywhere but on Windows'),
    row('--copies', 'the same; a shared libpython comes along, so that the copy runs'),
    row('--clear', 'the same, for environments; the old one stays until the new one is whole'),
    row(
      '--upgrade',
      'the same, and it mends a dangling link to the base (venv leaves it); refused for another minor version, whose packages would be lost',
    ),
    row('--without-pip', 'the same'),
    row('--prompt', 'the same, `.` included; a line break in it is refused (in venv it adds a line to pyvenv.cfg)'),
    row('--upgrade-deps', 'the same: the latest pip (and setuptools before 3.12) from the index'),
    row('--without-scm-ignore-files', 'the same'),
  ],
}

const virtualenv: PeerTable = {
  peer: 'virtualenv',
  title: 'virtualenv → den virtualenv',
  says: [
    'virtualenv 21, for every Python from 2.7 on (virtualenv itself: from 3.9 with pip). Each option has its `VIRTUALENV_*` variable (`--always-copy` is `VIRTUALENV_ALWAYS_COPY`), then its line in the section `[virtualenv]` of `virtualenv.ini` (`VIRTUALENV_CONFIG_FILE`). The closing lines on stdout and the exit codes are virtualenv’s.',
  ],
  rows: [
    row('-h --help', 'the same'),
    row('--version', 'prints the virtualenv line that is followed, and den’s own version'),
    row('--with-traceback', 'the same: where in den the failure arose'),
    row('-v --verbose', 'the same: more is said'),
    row('-q --quiet', 'the same: from one on the closing lines are left out'),
    row('--read-only-app-data', 'accepted: den works with a home that it cannot write to'),
    row('--app-data', 'den’s cache is in this directory for this command'),
    row('--reset-app-data', 'den’s cache is emptied first'),
    row('--upgrade-embed-wheels', 'answered with a sentence: den embeds no wheels'),
    row('--discovery', '`builtin`, which is den’s own way of finding Pythons; there are no plugins'),
    row('-p --python', 'the same, more than once too: the first that is found wins'),
    row('--try-first-with', 'the same'),
    row(
      '--creator',
      '`builtin`: the layout that the interpreter asks for; a creator’s own name must be that of the interpreter; `venv`: as `den venv` makes it',
    ),
    row('dest', 'the same'),
    row('--clear', 'the same, for environments: a directory that is none is refused'),
    row('--no-vcs-ignore', 'the same'),
    row('--venv-redirect', 'the same'),
    row('--no-venv-redirect', 'the same'),
    row('--system-site-packages', 'the same'),
    row('--symlinks', 'the same'),
    row('--copies --always-copy', 'the same'),
    row('--seeder', '`app-data` and `pip` are accepted and do the same: den installs from its store'),
    row('--no-seed --without-pip', 'the same'),
    row('--download', 'the same: the latest from the index'),
    row('--no-download --never-download', 'the same: nothing is taken from the index'),
    row('--extra-search-dir', 'the same'),
    row('--pip', 'the same: `embed` and `bundle` are the base Python’s own wheel, else the right one for its age'),
    row('--setuptools', 'the same; `embed` and `bundle` mean none from Python 3.12 on'),
    row(
      '--wheel',
      'an exact version is put in; virtualenv 21 ignores the option. Pythons up to 3.8, whose pip needs it, get wheel by default',
    ),
    row('--no-pip', 'the same'),
    row('--no-setuptools', 'the same'),
    row('--no-wheel', 'the same: no wheel'),
    row('--no-periodic-update', 'accepted: den never updates by itself'),
    row('--symlink-app-data', 'accepted: den shares files with its store by clone or hard link, never by symlink'),
    row('--activators', 'the same names'),
    row('--prompt', 'the same, `.` included'),
  ],
}

const uv: PeerTable = {
  peer: 'uv venv',
  title: 'uv venv → den create',
  says: ['`den create` is den’s own verb; where a flag has the same name it does the same.'],
  rows: [
    row('PATH', 'the same; `.venv` without one; several at once are allowed'),
    row('--no-project', 'not needed: den create reads no project but its `.python-version`'),
    row('--seed', '`--seed pip` (or `pip,setuptools`, `pip==24.0`); `DEN_SEED`'),
    row('-c --clear', '`--clear`; never removes what is no environment'),
    row('--force', 'none: den does not delete a directory that is no environment; remove it yourself'),
    row(
      '--allow-existing',
      '`--upgrade` keeps the packages; without any option an environment that is as wanted is kept',
    ),
    row('--prompt', '`--prompt`; nothing in it is ever executed'),
    row('--system-site-packages', 'the same'),
    row('--relocatable', 'the same, in every shell, dash and csh included; `DEN_RELOCATABLE`'),
    row(
      '--link-mode',
      '`--link-mode` clone, hardlink or copy; `DEN_LINK_MODE`. Symlinks are not among them: such an environment dies with the cache',
    ),
    row('-p --python', 'the same specifiers; `DEN_PYTHON`'),
    row(
      '--managed-python --no-managed-python',
      'none: which Python is taken does not depend on who installed it; name one by its path',
    ),
    row('--no-python-downloads', 'not needed: den create downloads no Python'),
    row(
      '--index --default-index -i --index-url --extra-index-url',
      '`PIP_INDEX_URL`, `DEN_INDEX_URL` or pip.conf, for the seeds',
    ),
    row('-f --find-links', '`PIP_FIND_LINKS`, for the seeds; `den virtualenv --extra-search-dir`'),
    row('--no-index', '`--offline`, with `PIP_FIND_LINKS`'),
    row('--index-strategy --keyring-provider', 'none yet: they come with den’s installer'),
    row('--exclude-newer --exclude-newer-package', 'none yet: for one version of pip, `--seed pip==24.0`'),
    row('--refresh --refresh-package', '`den cache clear`'),
    row('-n --no-cache', '`DEN_CACHE_DIR` at a directory of its own; `-n` is `--name` in den'),
    row('--cache-dir', '`DEN_CACHE_DIR`'),
    row('-q --quiet', 'the same'),
    row('-v --verbose', 'the same'),
    row('--color', 'the same; `DEN_COLOR`'),
    row('--system-certs', 'not needed: the system’s certificates count, besides `SSL_CERT_FILE` and the like'),
    row('--offline', 'the same; `DEN_OFFLINE`'),
    row('--allow-insecure-host', 'none'),
    row('--no-progress', 'the same; `DEN_NO_PROGRESS`'),
    row('--directory', '`-C`, `--directory`'),
    row('--project', '`-C`'),
    row('--config-file', '`DEN_CONFIG_FILE`'),
    row('--no-config', '`DEN_CONFIG_FILE` at a file that is not there'),
    row('-h --help', 'the same'),
  ],
}

export const peerTables: readonly PeerTable[] = [venv, virtualenv, uv]
