"""Compiled numeric code, the only package that imports numba. It handles and prints no text."""

from skipgram.limits import check_loading

check_loading()
