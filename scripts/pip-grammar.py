"""Writes src/cli/compat/pip/grammar.ts from pip's own parser: python scripts/pip-grammar.py, with the Python that has pip.

Only what a parser needs is taken: spellings, destinations, kinds, choices, defaults. The words for each option are den's own, in
words.ts; addresses and paths of this machine are left out.
"""

import json
import optparse
import os
import pathlib
import sys

for name in [name for name in os.environ if name.startswith("PIP_")]:
    del os.environ[name]
os.environ["PIP_CONFIG_FILE"] = os.devnull

import pip
from pip._internal.cli.main_parser import create_main_parser
from pip._internal.commands import commands_dict, create_command

# What these are by default depends on the machine, or is an address.
OPEN_DEFAULTS = {"index_url", "index", "cache_dir", "src_dir"}


def describe(option):
    row = {
        "spellings": option._short_opts + option._long_opts,
        "dest": option.dest,
        "action": option.action,
    }
    if option.action == "callback":
        row["callback"] = option.callback.__name__.removeprefix("_handle_").replace("_", "-")
    if option.type is not None:
        row["type"] = {"string": "text", "package_name": "project"}.get(option.type, option.type)
    if option.choices:
        row["choices"] = list(option.choices)
    if option.const is not None:
        row["constant"] = option.const
    if option.takes_value():
        row["metavar"] = (option.metavar or option.dest).lower()
    if option.help is optparse.SUPPRESS_HELP:
        row["hidden"] = True
    default = option.default
    if default not in (optparse.NO_DEFAULT, None) and option.dest not in OPEN_DEFAULTS:
        if isinstance(default, (bool, int, float, str)):
            row["default"] = default
        elif default == []:
            row["default"] = []
    return row


options = {}


def key_of(option, command):
    """One key for all options that are the same; a second one of the same spelling bears its command's name."""
    row = describe(option)
    name = (option._long_opts or option._short_opts)[0].lstrip("-")
    others = [key for key in options if key.endswith(f":{name}")]
    for key in (name, *others, f"{command}:{name}"):
        if options.setdefault(key, row) == row:
            return key
    raise SystemExit(f"two options of one name in {command}: {name}")


groups = {}


def groups_of(parser, command):
    """The titles of a parser's groups, in the order of its help."""
    titles = []
    for title, members in [("", parser.option_list), *((g.title, g.option_list) for g in parser.option_groups)]:
        keys = [key_of(option, command) for option in members]
        if not keys:
            continue
        # "Install Options" to "install", "Package Index Options" to "package index".
        name = title.removesuffix(" Options").lower() or command
        if groups.setdefault(name, keys) != keys:
            raise SystemExit(f"two groups of one name: {title}")
        titles.append(name)
    return titles


main = groups_of(create_main_parser(), "pip")
commands = {}
for name in commands_dict:
    command = create_command(name)
    parser = command.parser
    row = {"groups": groups_of(parser, name)}
    if command.ignore_require_venv:
        row["anywhere"] = True
    if not parser.allow_interspersed_args:
        raise SystemExit(f"{name} takes no options after operands")
    actions = list(command.handler_map())
    if actions:
        row["actions"] = actions
    commands[name] = row

text = f"""// pip {pip.__version__}'s command line as data. Made by scripts/pip-grammar.py from pip's own parser; do not edit.
// biome-ignore-all format: generated, one option a line

export type PipAction = 'store' | 'store_true' | 'store_false' | 'store_const' | 'append' | 'count' | 'callback' | 'help'

export interface PipOption {{
  /** "-r", "--requirement": short ones first. */
  readonly spellings: readonly string[]
  readonly dest: string
  readonly action: PipAction
  /** What happens with the value, where that is more than keeping it. */
  readonly callback?: string
  /** Present exactly where a value is taken. */
  readonly type?: 'text' | 'int' | 'float' | 'choice' | 'path' | 'project'
  readonly choices?: readonly string[]
  readonly constant?: string
  readonly metavar?: string
  readonly hidden?: boolean
  readonly default?: boolean | number | string | readonly never[]
}}

export interface PipCommandGrammar {{
  /** Keys of `pipGroups`, in the order of help. */
  readonly groups: readonly string[]
  /** Runs with --require-virtualenv outside of any environment. */
  readonly anywhere?: boolean
  /** The words that may stand first: `pip cache dir`. */
  readonly actions?: readonly string[]
}}

/** The pip whose command line this is. */
export const pipVersion = '{pip.__version__}'

"""


def typescript(value):
    if isinstance(value, dict):
        rows = (f"{k if k.isidentifier() else repr(k)}: {typescript(v)}" for k, v in value.items())
        return "{ " + ", ".join(rows) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(typescript, value)) + "]"
    if isinstance(value, str):
        return "'" + json.dumps(value)[1:-1].replace("'", "\\'") + "'"
    return json.dumps(value)


def table(name, rows, kind):
    lines = "".join(f"  {k if k.isidentifier() else repr(k)}: {typescript(v)},\n" for k, v in rows.items())
    return f"export const {name}: Readonly<Record<string, {kind}>> = {{\n{lines}}}\n\n"


text += table("pipOptions", options, "PipOption")
text += "/** Options that stand together; keys of `pipOptions`. */\n"
text += table("pipGroups", groups, "readonly string[]")
text += f"/** The groups that may stand before the command. */\nexport const pipMain: readonly string[] = {typescript(main)}\n\n"
text += table("pipCommands", commands, "PipCommandGrammar")

target = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent / "src/cli/compat/pip/grammar.ts")
target.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
