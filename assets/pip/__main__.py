"""python -m pip, in an environment where den is pip. Runs on every Python from 2.7 on."""

import os
import sys

# Modules of the working directory are not meant, whatever their names.
if __name__ == "__main__" and sys.path and sys.path[0] in ("", os.getcwd()):
    del sys.path[0]


def written_command():
    """The words that pyvenv.cfg has for den, which it was called by when it was here last."""
    try:
        with open(os.path.join(sys.prefix, "pyvenv.cfg"), "rb") as file:
            lines = file.read().splitlines()
    except (IOError, OSError):
        return []
    for line in lines:
        key, _, value = line.partition(b"=")
        if key.strip() == b"den-command":
            import shlex

            try:
                return shlex.split(value.strip() if str is bytes else os.fsdecode(value.strip()))
            except ValueError:
                return []
    return []


def find_den():
    """The words that start den; none when it is nowhere."""
    words = written_command()
    if words and os.path.isfile(words[0]) and all(os.path.exists(word) for word in words if os.path.isabs(word)):
        return words
    endings = (".exe", ".cmd") if os.name == "nt" else ("",)
    for directory in os.environ.get("PATH", "").split(os.pathsep):
        for ending in endings:
            file = os.path.join(directory, "den" + ending)
            if os.path.isabs(directory) and os.path.isfile(file) and os.access(file, os.X_OK):
                return [file]
    return []


def command_line(args):
    """What is to be run; nothing when den is nowhere."""
    den = find_den()
    if not den:
        return []
    inside = os.path.isfile(os.path.join(sys.prefix, "pyvenv.cfg"))
    return den + ["pip", "--python", sys.prefix if inside else sys.executable] + args


def call(args=None):
    """Run den's pip and wait for it; answers its exit code."""
    args = list(sys.argv[1:] if args is None else args)
    command = command_line(args)
    if not command:
        return without_den(args)
    import subprocess

    return subprocess.call(command)


def become():
    """Turn into den's pip."""
    args = sys.argv[1:]
    command = command_line(args)
    if os.name != "nt" and command:
        try:
            os.execv(command[0], command)
        except OSError as error:
            sys.stderr.write("ERROR: %s cannot be run: %s\n" % (command[0], error.strerror))
            return 1
    return call(args)


def without_den(args):
    """Say what helps. The one thing that works without den is to take this pip away."""
    if args[:1] == ["uninstall"] and set(args[1:]) in ({"pip", "-y"}, {"pip", "--yes"}):
        return take_away()
    try:
        from shlex import quote
    except ImportError:
        from pipes import quote
    python = quote(sys.executable)
    was = written_command()
    sys.stderr.write(
        "ERROR: this pip is den's, and den is not found: %sPATH has no den.\n"
        "       Put den on your PATH, or have the real pip instead:\n"
        "       %s -m pip uninstall --yes pip && %s -m ensurepip --default-pip\n"
        % ("%s is gone, and " % was[-1] if was else "", python, python)
    )
    return 1


def take_away():
    """Remove what RECORD lists, and the directories that are left empty of all but bytecode."""
    import shutil

    package = os.path.dirname(os.path.abspath(__file__))
    site = os.path.dirname(package)
    for info in sorted(os.listdir(site)):
        if not (info.startswith("pip-") and info.endswith("+den.dist-info")):
            continue
        with open(os.path.join(site, info, "RECORD")) as record:
            files = [line.rsplit(",", 2)[0] for line in record]
        for name in files:
            place = os.path.join(site, name)
            if os.path.lexists(place):
                os.remove(place)
        for directory in (package, os.path.join(site, info)):
            if os.path.islink(directory):
                os.remove(directory)
            else:
                shutil.rmtree(directory, ignore_errors=True)
        print("Successfully uninstalled " + info[: -len(".dist-info")])
    return 0


if __name__ == "__main__":
    sys.exit(become())
