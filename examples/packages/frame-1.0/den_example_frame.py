"""Draws a frame of plain characters around a line of text."""

__version__ = "1.0"


def frame(text):
    edge = "+" + "-" * (len(text) + 2) + "+"
    return "\n".join([edge, "| " + text + " |", edge])
