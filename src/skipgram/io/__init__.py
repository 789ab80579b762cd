"""Bytes in and out, for every module that reads or writes files."""
