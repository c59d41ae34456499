"""Greets. Version 1 knows one language."""
import sys

__version__ = "1.0"


def greet(name):
    return "Hello, %s!" % name


def main():
    print(greet(sys.argv[1] if len(sys.argv) > 1 else "world"))
