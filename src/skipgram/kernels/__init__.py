"""Compiled numeric code, the only package that imports numba. It handles and prints no text."""
