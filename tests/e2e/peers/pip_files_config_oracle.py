"""Answers what pip makes of its configuration. Reads questions as JSON from standard input, writes answers as JSON."""

import io
import json
import logging
import os
import sys

from pip._internal.cli.parser import ConfigOptionParser
from pip._internal.configuration import Configuration
from pip._internal.exceptions import PipError

logging.disable(logging.CRITICAL)


def listed(configuration):
    return [
        [key, value] for _, values in sorted(configuration.items()) for key, value in sorted(values.items())
    ]


def loaded(case):
    try:
        parser = ConfigOptionParser(name="install", isolated=case["isolated"])
        parser.config.load()
        files = [[str(kind), path] for kind, paths in parser.config.iter_config_files() for path in paths]
        items = [list(item) for item in parser._get_ordered_configuration_items()]
    except PipError as error:
        return {"error": str(error)}
    return {"files": files, "items": items, "list": listed(parser.config)}


def changed(case):
    """The file that pip would change, and what it would write."""
    kind = case["kind"]
    try:
        configuration = Configuration(False, load_only=kind)
        configuration.load()
        if case["value"] is None:
            configuration.unset_value(case["key"])
        else:
            configuration.set_value(case["key"], case["value"])
        path, parser = configuration._modified_parsers[-1]
    except (PipError, AttributeError, IndexError) as error:
        return {"error": f"{type(error).__name__}: {error}"}
    except ValueError as error:
        return {"error": str(error)}
    # Never saved: among the files of the machine may be one that is in use.
    text = io.StringIO()
    parser.write(text)
    return {"path": path, "text": text.getvalue()}


def main():
    answers = []
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PIP_", "XDG_")) and name not in ("HOME", "USERPROFILE")
    }
    for case in json.load(sys.stdin):
        os.environ.clear()
        os.environ.update(inherited)
        os.environ.update(case["env"])
        os.chdir(case["directory"])
        sys.prefix = case["prefix"]
        answers.append({"loaded": loaded(case), "changed": changed(case)})
    json.dump(answers, sys.stdout)


main()
