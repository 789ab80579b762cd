"""Configuration of the documentation site; `make docs` builds it."""

import sys
from importlib.metadata import version as version_of
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "extensions"))

project = "skipgram"
release = version = version_of("skipgram")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "commands",
    "docstrings",
]
exclude_patterns = ["extensions"]

# Examples without a language are equations and layouts.
highlight_language = "text"
default_role = "literal"

# A heading is a link target, as on GitHub.
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
# Show the name of an alias instead of a long union.
autodoc_type_aliases = {
    name: name
    for name in (
        "Corpus",
        "Floats",
        "Neighbours",
        "Query",
        "Report",
        "ShowProgress",
        "Vectors",
        "Which",
    )
}
autodoc_default_options = {"members": True, "exclude-members": "model_config"}
napoleon_use_ivar = True
python_use_unqualified_type_names = True

# The build needs no network, so it cannot link to names of other packages. `Names` in docstrings
# can be parameters. Some types are internal: those of compiled code, of the corpus, of the
# directory of a training, and of gensim.
nitpick_ignore_regex = [
    ("py:obj", r".*"),
    ("py:.*", r"(?!skipgram\.).*"),
    ("py:.*", r"skipgram\.(kernels|corpus|gensim|run_directory|vocabulary)\..*"),
]

html_theme = "furo"
html_title = f"skipgram {release}"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_copyright = False
html_show_sourcelink = False
