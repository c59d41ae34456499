"""One program, two environments: each has another version of the project "packaging"."""
import packaging
from packaging.version import parse

try:
    print("packaging %s reads 2024-spring: %r" % (packaging.__version__, parse("2024-spring")))
except ValueError as error:
    print("packaging %s refuses it: %s" % (packaging.__version__, error))
