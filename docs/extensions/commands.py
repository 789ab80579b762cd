"""The directive `commands`: a section for each command of the command line, from its own help."""

from __future__ import annotations

import re
import textwrap

from cyclopts.docs.rst import generate_rst_docs
from docstrings import OPTION
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

VERBATIM = re.compile(r"(::\n\n(?: {4}.*\n)+|``.*?``|`[^`\n]+`)")


def describe(name: str) -> str:
    """Return the help of one command as reStructuredText."""
    from skipgram.cli.app import app

    text = generate_rst_docs(app, no_root_title=True, generate_toc=False, commands_filter=[name])
    _, label, section = text.partition(".. _cyclopts")  # what comes before is of the program
    described = mark_options(f"{label}{section}".replace("\\", "\\\\"))
    return described + examples(app[name].help_epilogue or "")


def examples(epilogue: str) -> str:
    """Return what follows the options in a help text, with its examples as a literal block."""
    title, _, commands = epilogue.partition("\n")
    if not commands:
        return f"\n\n{title}\n"
    return f"\n\n**{title}**\n\n::\n\n{textwrap.indent(textwrap.dedent(commands), '    ')}\n"


def mark_options(text: str) -> str:
    """Return the text with each --option as code."""
    parts = VERBATIM.split(text)
    parts[::2] = [OPTION.sub(r"``\g<0>``", part) for part in parts[::2]]
    return "".join(parts)


class Commands(SphinxDirective):
    """Describe all commands in the order of the alphabet."""

    def run(self) -> list[nodes.Node]:
        """Return a section for each command."""
        from skipgram.cli.app import app

        names = sorted(name for name in app if not name.startswith("-"))
        text = "\n\n".join(describe(name) for name in names)
        return self.parse_text_to_nodes(text, allow_section_headings=True)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("commands", Commands)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
