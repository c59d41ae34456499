"""The example project: it imports a package that lives in this project's environment alone."""
import sys

import den_example_greeting
from den_example_greeting import greet

print(greet("den", "en"))
print("greeting %s, imported from" % den_example_greeting.__version__)
print("  " + den_example_greeting.__file__)
print("Python %d.%d.%d, whose sys.prefix is" % tuple(sys.version_info[:3]))
print("  " + sys.prefix)
