# The site module of an environment for Python 2.7, made by den.
#
# Python 2.7 knows no pyvenv.cfg. It found this file because the environment holds what it takes for a library (os.py and
# lib-dynload), and so sys.prefix is the environment already. What is left to do: the real library is the base's, and the base's
# own site.py does everything else. Afterwards this module is that one.
import sys


def _hand_over():
    windows = sys.platform == 'win32'
    sep = '\\' if windows else '/'
    prefix = sys.prefix
    here = __file__.replace('/', sep).rpartition(sep)[0]

    settings = {}
    try:
        cfg = open(prefix + sep + 'pyvenv.cfg')
    except IOError:
        pass
    else:
        with cfg:
            for line in cfg:
                key, equals, value = line.partition('=')
                if equals:
                    settings[key.strip().lower()] = value.strip()

    base = settings.get('base-prefix')
    if not base and not windows:
        # The landmark still leads to the base when pyvenv.cfg is lost.
        import posix
        try:
            base = posix.readlink(here + '/os.py').rsplit('/', 3)[0]
        except OSError:
            pass
    if not base:
        sys.stderr.write('%s: no base-prefix in pyvenv.cfg; make the environment anew: den create --clear\n' % prefix)
        sys.exit(1)
    base_exec = settings.get('base-exec-prefix') or base

    sys.real_prefix = sys.base_prefix = base
    sys.base_exec_prefix = base_exec
    sys.base_executable = settings.get('base-executable')

    # The library's directories, and only those: what PYTHONPATH names inside the environment stays.
    library = here[len(prefix):]
    names = ('', '.zip', 'lib-tk', 'lib-old', 'lib-dynload', 'plat-')

    def is_library(rest):
        if rest == library or rest.endswith('python27.zip'):
            return True
        if windows and rest.lower() == '\\dlls':
            return True
        parent, _, name = rest.rpartition(sep)
        return parent == library and (name in names or name.startswith('plat-'))

    path = []
    for entry in sys.path:
        rest = entry[len(prefix):]
        if entry.startswith(prefix + sep) and is_library(rest):
            entry = (base_exec if rest.endswith('lib-dynload') else base) + rest
        if windows and entry == prefix:
            entry = base
        path.append(entry)
    sys.path[:] = path

    # The base's site adds the environment's site-packages, because sys.prefix says so. The user's are kept out by the flag that -s
    # sets; sys.flags itself cannot be changed, so another object stands in while site looks at it.
    flags = sys.flags

    class Flags(object):
        def __getattr__(self, name):
            return getattr(flags, name)
    stand_in = Flags()
    stand_in.no_user_site = 1

    import imp
    sys.flags = stand_in
    try:
        site = imp.load_module('site', *imp.find_module('site', [base + library]))
    finally:
        sys.flags = flags

    import os
    own = []
    for name in ('lib', 'lib64') if not windows else ('Lib',):
        directory = os.path.join(prefix, name, 'site-packages') if windows else os.path.join(
            prefix, name, 'python' + sys.version[:3], 'site-packages')
        if os.path.isdir(directory) and not any(os.path.samefile(directory, other) if not windows else directory == other
                                                for other in own):
            own.append(directory)

    # Debian's site names dist-packages in place of site-packages; an environment has the latter.
    listed = site.getsitepackages()
    missing = [directory for directory in own if directory not in listed]
    if missing:
        for directory in missing:
            site.addsitedir(directory)

        def patched(original=site.getsitepackages):
            return missing + original()
        patched.__doc__ = site.getsitepackages.__doc__
        site.getsitepackages = patched

    if settings.get('include-system-site-packages', 'true').lower() == 'true':
        # As in Python 3: the environment's packages, then the user's, then the base's.
        known = site._init_pathinfo()
        site.ENABLE_USER_SITE = site.check_enableusersite()
        site.addusersitepackages(known)
        site.PREFIXES = [base, base_exec]
        try:
            site.addsitepackages(known)
        finally:
            site.PREFIXES = [prefix, base, base_exec]
        if 'sitecustomize' not in sys.modules:
            site.execsitecustomize()
        if site.ENABLE_USER_SITE and 'usercustomize' not in sys.modules:
            site.execusercustomize()


_hand_over()
del _hand_over
