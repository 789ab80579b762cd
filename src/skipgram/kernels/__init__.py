"""Compiled numeric code. It knows no strings, prints nothing, and is the only place but `corpus/encode.py` that imports numba."""
