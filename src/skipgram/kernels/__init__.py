"""Compiled numeric code. It knows no strings, prints nothing, and is the only place that imports numba."""
