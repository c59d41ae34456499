"""Greets. Version 2 knows three languages, and wants to be told which: version 1's greet(name) no longer works."""
import sys

from den_example_frame import frame

__version__ = "2.0"

WORDS = {"en": "Hello", "fr": "Bonjour", "eo": "Saluton"}


def greet(name, language):
    return frame("%s, %s!" % (WORDS[language], name))


def main():
    name = sys.argv[1] if len(sys.argv) > 1 else "world"
    language = sys.argv[2] if len(sys.argv) > 2 else "en"
    print(greet(name, language))
