"""The pip of an environment that den made: what it is told goes to den, which does it in this environment."""

# The pip whose command line den speaks.
__version__ = "26.3"


def main(args=None):
    """Run pip with these arguments (the process's own unless given) and answer its exit code."""
    from pip.__main__ import call

    return call(args)
