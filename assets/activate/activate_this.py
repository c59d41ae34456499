# -*- coding: utf-8 -*-
"""Puts the packages of the environment that this file stands in before the running interpreter's own.

For programs that are handed an interpreter and can't choose it (mod_wsgi, embedded Pythons of the same version):

    import runpy; runpy.run_path("path/to/bin/activate_this.py")        # Python 3 and 2.7

Processes started afterwards find the environment's programs first on PATH.
"""
import os
import site
import sys

try:
    _here = os.path.dirname(os.path.abspath(__file__))
except NameError:
    raise AssertionError('run this file by: import runpy; runpy.run_path("path/to/activate_this.py")')
if not os.path.isfile(os.path.join(os.path.dirname(_here), "pyvenv.cfg")):
    _here = os.path.dirname(os.path.realpath(__file__))
_root = os.path.dirname(_here)
_prompt = @PROMPT@
if not _prompt:
    _prompt = os.path.basename(_root)
    if _prompt == ".venv":
        _prompt = os.path.basename(os.path.dirname(_root))

_path = [_entry for _entry in os.environ.get("PATH", "").split(os.pathsep) if _entry and _entry != _here]
os.environ["PATH"] = os.pathsep.join([_here] + _path)
os.environ["VIRTUAL_ENV"] = _root
os.environ["VIRTUAL_ENV_PROMPT"] = _prompt
os.environ.pop("PYTHONHOME", None)

# New entries go to the front, with what their .pth files add, in the order site gave them.
_before = len(sys.path)
for _site in @SITES@:
    _directory = os.path.normpath(os.path.join(_root, *_site))
    if _directory in sys.path:
        sys.path.remove(_directory)
        _before -= 1
    site.addsitedir(_directory)
sys.path[:] = sys.path[_before:] + sys.path[:_before]

# pip and sysconfig take both prefixes for granted: with exec_prefix left behind, compiled packages would go to the base.
if not hasattr(sys, "real_prefix"):
    sys.real_prefix = sys.prefix
sys.prefix = _root
sys.exec_prefix = _root
