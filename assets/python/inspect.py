# Tells the facts of the Python that runs it, as one line of JSON after a mark. Runs on Python 2.7 and everything newer; is read
# from standard input with -E -s -B, so that neither the user's variables nor the working directory have a say.
import sys

sys.path[:] = [entry for entry in sys.path if entry not in ("", ".")]

import json
import os
import platform
import struct
import sysconfig


def variable(name):
    try:
        return sysconfig.get_config_var(name)
    except Exception:
        return None


def scheme_path(name):
    """The path in the scheme that upstream has; a vendor's default scheme may point elsewhere."""
    scheme = "nt" if os.name == "nt" else "posix_prefix"
    try:
        if scheme in sysconfig.get_scheme_names():
            return sysconfig.get_path(name, scheme)
    except Exception:
        pass
    return sysconfig.get_path(name)


def libc():
    if not sys.platform.startswith("linux"):
        return None
    names = " ".join(str(variable(name)) for name in ("HOST_GNU_TYPE", "SOABI", "EXT_SUFFIX", "MULTIARCH"))
    if "musl" in names:
        return "musl"
    return "glibc" if "gnu" in names else None


def shared_library():
    """The file of libpython (libpypy) that this process has loaded: it may be installed without being used."""
    try:
        with open("/proc/self/maps") as maps:
            for line in maps:
                path = line[line.find("/"):].strip() if "/" in line else ""
                if os.path.basename(path).startswith(("libpython", "libpypy")):
                    return path
            return None
    except (IOError, OSError, UnicodeError):
        pass
    name = variable("INSTSONAME") or variable("LDLIBRARY")
    return os.path.join(variable("LIBDIR") or "", name) if variable("Py_ENABLE_SHARED") and name else None


def pypy_version():
    found = getattr(sys, "pypy_version_info", None)
    return list(found[:5]) if found else None


def implementation_name():
    found = getattr(sys, "implementation", None)
    return found.name if found else platform.python_implementation().lower()


facts = {
    "executable": sys.executable,
    "base_executable": getattr(sys, "_base_executable", None),
    "implementation": implementation_name(),
    "version": list(sys.version_info[:5]),
    "pypy_version": pypy_version(),
    "implementation_version": list(getattr(getattr(sys, "implementation", None), "version", ())[:5]),
    "free_threaded": bool(variable("Py_GIL_DISABLED")),
    "debug": hasattr(sys, "gettotalrefcount"),
    "abi_flags": getattr(sys, "abiflags", ""),
    "extension_suffix": variable("EXT_SUFFIX"),
    "bits": 8 * struct.calcsize("P"),
    "machine": platform.machine(),
    "platform": sys.platform,
    "libc": libc(),
    "prefix": sys.prefix,
    "exec_prefix": sys.exec_prefix,
    "base_prefix": getattr(sys, "real_prefix", None) or getattr(sys, "base_prefix", sys.prefix),
    "base_exec_prefix": getattr(sys, "real_prefix", None) or getattr(sys, "base_exec_prefix", sys.exec_prefix),
    "platlibdir": getattr(sys, "platlibdir", None),
    "stdlib": scheme_path("stdlib"),
    "platstdlib": scheme_path("platstdlib"),
    "include": scheme_path("include"),
    "shared_library": shared_library(),
    "framework": variable("PYTHONFRAMEWORK") or None,
    "wheel_directory": variable("WHEEL_PKG_DIR") or None,
}
sys.stdout.write("\nden-facts:%s\n" % json.dumps(facts))
sys.stdout.flush()
