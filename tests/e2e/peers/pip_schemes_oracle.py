"""Where pip's installer puts things under this Python: python pip_schemes_oracle.py DIRECTORY_OF_PIP."""

import json
import sys

sys.path.insert(0, sys.argv[1])

from pip._internal.locations import get_scheme

places = {
    "environment": {},
    "user": {"user": True},
    "target": {"home": "/x/t"},
    "prefix": {"prefix": "/x/p"},
    "root": {"root": "/r"},
}
answers = {}
for name, given in places.items():
    scheme = get_scheme("NAME", **given)
    answers[name] = {key: getattr(scheme, key) for key in ("platlib", "purelib", "headers", "scripts", "data")}
json.dump(answers, sys.stdout)
