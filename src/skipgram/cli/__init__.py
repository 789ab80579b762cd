"""The command line: one short function per verb. The only place that prints or exits."""

from skipgram.cli.app import main

__all__ = ["main"]
