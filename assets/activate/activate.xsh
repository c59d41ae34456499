# Activates the environment that this file stands in, for the xonsh that reads it:    source path/to/bin/activate.xsh
# `deactivate` takes back what was done here and leaves alone what you changed since.


# >>> shared with the hook
def _den_title(root):
    """The name of an environment that was given none. ".venv" says nothing, its project's name does."""
    import os

    name = os.path.basename(root)
    return os.path.basename(os.path.dirname(root)) if name == ".venv" else name


def _den_enter(bin_directory, name):
    """Leaves the active environment, if any, and enters the one whose scripts are in bin_directory."""
    import os

    env = __xonsh__.env
    root = os.path.dirname(bin_directory)

    def entries():
        # The list behind the variable: reading the variable itself would expand $ and ~ in every entry.
        return getattr(env["PATH"], "_l", None) or list(env["PATH"])

    def without(directory):
        left = list(entries())
        if directory in left:
            left.remove(directory)
        return left

    # xonsh expands $NAME and a leading ~ whenever it reads an entry of PATH, so such a directory can't be written there.
    if type(env["PATH"])([bin_directory])[0] != bin_directory:
        print(
            "activate.xsh: xonsh reads a variable into " + ascii(bin_directory) + " and can't have it on PATH;"
            " nothing was changed. Move the environment: den env mv",
            file=__import__("sys").stderr,
        )
        return False

    if "deactivate" in aliases:
        __xonsh__.subproc_uncaptured(["deactivate", "nondestructive"])
    elif env.get("VIRTUAL_ENV"):
        # It came with the process's variables: a shell started inside an activated one.
        env["PATH"] = without(os.path.join(str(env["VIRTUAL_ENV"]), os.path.basename(bin_directory)))

    # xonsh's own prompt would show VIRTUAL_ENV_PROMPT as it is, without parentheses.
    fields = env["PROMPT_FIELDS"]
    own_field = fields.get("env_name")

    def drawn():
        return "" if env.get("VIRTUAL_ENV_DISABLE_PROMPT") else "(" + name + ") "

    python_home = env.get("PYTHONHOME") if "PYTHONHOME" in env else None
    own_pydoc = "pydoc" not in aliases

    def deactivate(args=None):
        env["PATH"] = without(bin_directory)
        if python_home is not None and "PYTHONHOME" not in env:
            env["PYTHONHOME"] = python_home
        for variable in ("VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT"):
            env.pop(variable, None)
        # A field that was set since activation stays.
        if fields.get("env_name") is drawn and own_field is not None:
            fields["env_name"] = own_field
        if own_pydoc:
            aliases.pop("pydoc", None)
        aliases.pop("deactivate", None)

    env["PATH"] = [bin_directory] + list(entries())
    env["VIRTUAL_ENV"] = root
    env["VIRTUAL_ENV_PROMPT"] = name
    fields["env_name"] = drawn
    if "PYTHONHOME" in env:
        env.pop("PYTHONHOME")
    # The base's pydoc program would show the base's modules.
    if own_pydoc:
        aliases["pydoc"] = ["python", "-m", "pydoc"]
    aliases["deactivate"] = deactivate
    return True
# <<< shared with the hook


def _den_activate(file, name):
    import os

    # Where is this file? It is looked for, so that an environment that was moved or copied is still right.
    bin_directory = os.path.dirname(os.path.abspath(file))
    if not os.path.isfile(os.path.join(os.path.dirname(bin_directory), "pyvenv.cfg")):
        bin_directory = os.path.dirname(os.path.realpath(file))
    _den_enter(bin_directory, name or _den_title(os.path.dirname(bin_directory)))


if __name__ == "__main__":
    import sys

    print(
        "activate.xsh: this file has to be read by your shell; run as a program it can change nothing there. Type:\n"
        "    source " + __file__,
        file=sys.stderr,
    )
    sys.exit(33)
_den_activate(__file__, @PROMPT@)
del _den_activate, _den_enter, _den_title
