"""pip's own parser, asked about many command lines in one process: JSON [{argv, env, config}] in, [{...}] out."""

import contextlib
import copy
import datetime
import io
import json
import os
import sys
import tempfile

from pip._internal.cli import cmdoptions
from pip._internal.cli.main_parser import create_main_parser
from pip._internal.commands import commands_dict, create_command
from pip._internal.exceptions import CommandError, PipError
from pip._internal.locations import USER_CACHE_DIR, get_src_prefix
from pip._internal.models.format_control import FormatControl
from pip._internal.models.index import PyPI
from pip._internal.models.release_control import ReleaseControl


def plain(value):
    if isinstance(value, FormatControl):
        return {"noBinary": sorted(value.no_binary), "onlyBinary": sorted(value.only_binary)}
    if isinstance(value, ReleaseControl):
        return {"allReleases": sorted(value.all_releases), "onlyFinal": sorted(value.only_final)}
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, datetime.datetime):
        return int(value.timestamp() * 1000)
    return value


OPEN = {"index_url": PyPI.simple_url, "index": PyPI.pypi_url, "cache_dir": USER_CACHE_DIR, "src_dir": get_src_prefix()}


def described(options):
    values = {}
    for name, value in vars(options).items():
        if value is None or (name in OPEN and value == OPEN[name]):
            continue
        values[name] = plain(value)
    return values


class Helped(Exception):
    pass


def ask(argv):
    # As main_parser.parse_command and Command._main do it, without acting on it.
    # Lists and sets that stand as defaults are shared by all parsers of a process: each question gets its own.
    main = create_main_parser()
    main.defaults = copy.deepcopy(main.defaults)
    main.print_help = lambda file=None: (_ for _ in ()).throw(Helped("pip"))
    general, rest = main.parse_args(list(argv))
    if general.version:
        return {"kind": "version"}
    if not rest or (rest[0] == "help" and len(rest) == 1):
        return {"kind": "help"}
    name = rest[0]
    if name not in commands_dict:
        return {"kind": "refused", "exit": 1}
    words = list(argv)
    words.remove(name)
    command = create_command(name, isolated=("--isolated" in words))
    command.parser.defaults = copy.deepcopy(command.parser.defaults)
    command.parser.print_help = lambda file=None: (_ for _ in ()).throw(Helped(name))
    options, operands = command.parse_args(words)
    if general.python is None and options.python is not None:
        return {"kind": "refused", "exit": 1}
    return {"kind": "command", "command": name, "options": described(options), "operands": operands}


def answer(case):
    kept = dict(os.environ)
    try:
        os.environ.update(case.get("env", {}))
        if "config" in case:
            with open(CONFIG, "w", encoding="utf-8") as file:
                file.write(case["config"])
            os.environ["PIP_CONFIG_FILE"] = CONFIG
        with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
            return ask(case["argv"])
    except Helped as helped:
        return {"kind": "help"} if helped.args[0] == "pip" else {"kind": "help", "command": helped.args[0]}
    except SystemExit as exit:
        return {"kind": "refused", "exit": exit.code}
    except ValueError:
        # PIP_NO_COLOR with a wrong word: pip fails while it prints its refusal.
        return {"kind": "refused", "exit": 2}
    except (CommandError, PipError):
        return {"kind": "refused", "exit": 2}
    finally:
        os.environ.clear()
        os.environ.update(kept)


if __name__ == "__main__":
    import logging

    from pip._internal import configuration

    # The machine's own files have no say here.
    configuration.get_configuration_files = lambda: {kind: [] for kind in configuration.OVERRIDE_ORDER}

    logging.disable(logging.CRITICAL)
    CONFIG = os.path.join(tempfile.mkdtemp(), "pip.conf")
    json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)
