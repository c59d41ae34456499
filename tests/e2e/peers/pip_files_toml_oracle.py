"""Reads TOML documents with Python's own reader: a list of texts on standard input, typed values (or null) on standard output."""

import datetime
import json
import sys

try:
    import tomllib
except ImportError:
    from pip._vendor import tomli as tomllib


def typed(value):
    if isinstance(value, dict):
        return {"table": {key: typed(item) for key, item in value.items()}}
    if isinstance(value, list):
        return {"array": [typed(item) for item in value]}
    if isinstance(value, bool):
        return {"boolean": value}
    if isinstance(value, int):
        return {"integer": str(value)}
    if isinstance(value, float):
        return {"float": repr(value)}
    if isinstance(value, str):
        return {"string": value}
    if isinstance(value, datetime.datetime):
        return {"moment": value.isoformat()}
    return {"moment": value.isoformat()}


def read(text):
    try:
        return typed(tomllib.loads(text))
    except (ValueError, RecursionError):
        return None


json.dump([read(text) for text in json.load(sys.stdin)], sys.stdout)
