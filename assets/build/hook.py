# Calls one hook of a build backend (PEP 517, PEP 660) in the Python that runs it, and writes the answer into a file: the standard
# streams belong to the backend. Runs on Python 2.7 and everything newer. The only argument is the request, a file of JSON.
import io
import json
import os
import sys
from importlib import import_module


def native(value):
    """Python 2 has two kinds of text, and backends of its time expect the one that JSON does not give."""
    if sys.version_info[0] > 2:
        return value
    if isinstance(value, dict):
        return dict((native(key), native(one)) for key, one in value.items())
    if isinstance(value, list):
        return [native(one) for one in value]
    if isinstance(value, type(u"")):
        return value.encode("utf-8")
    return value


def load(backend, places):
    """The backend object; one of the source tree's own must really come from there (PEP 517, "In-tree build backends")."""
    sys.path[:0] = places
    module_name, _, attribute = backend.partition(":")
    module = import_module(module_name)
    if places:
        origin = os.path.realpath(getattr(module, "__file__", None) or "")
        tops = [os.path.join(os.path.realpath(place), "") for place in places]
        if not any(origin.startswith(top) for top in tops):
            raise ImportError("%s was found outside of backend-path, in %s" % (module_name, origin or "no file"))
    for name in attribute.split(".") if attribute else ():
        module = getattr(module, name)
    return module


def legacy_editable():
    """What an editable install of a project without build_editable needs: extension modules in place, and where its modules start."""
    import tokenize

    import setuptools  # noqa: F401  It has to come before distutils.
    from distutils import core

    sys.path.insert(0, os.getcwd())
    sys.argv = ["setup.py", "build_ext", "--inplace"]
    opener = getattr(tokenize, "open", open)
    if os.path.exists("setup.py"):
        with opener("setup.py") as file:
            text = file.read().replace("\r\n", "\n")
    else:
        text = "import setuptools; setuptools.setup()"
    found = []
    original = core.Distribution.run_commands

    def noticing(self, *given):
        found.append(self)
        return original(self, *given)

    kinds = [core.Distribution]
    if setuptools.Distribution not in kinds:
        kinds.append(setuptools.Distribution)
    for kind in kinds:
        kind.run_commands = noticing
    namespace = {"__file__": os.path.abspath("setup.py"), "__name__": "__main__"}
    exec(compile(text, "setup.py", "exec"), namespace)
    if not found:
        raise RuntimeError("setup.py did not call setup()")
    package_dir = found[-1].package_dir or {}
    return os.path.abspath(package_dir.get("", "."))


def main():
    with io.open(sys.argv[1], encoding="utf-8") as file:
        request = native(json.load(file))
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != here and entry not in ("", ".")]
    sys.argv = sys.argv[:1]
    answer = {"missing": True}
    if request["hook"] == "legacy_editable":
        answer = {"value": legacy_editable()}
    else:
        hook = getattr(load(request["backend"], request["places"]), request["hook"], None)
        if hook is not None:
            answer = {"value": hook(*request["args"], **request["options"])}
    text = json.dumps(answer)
    with io.open(request["answer"], "w", encoding="utf-8") as file:
        file.write(text if isinstance(text, type(u"")) else text.decode("utf-8"))


main()
