"""Decide which channels of a file are color. Policy only: no file is read or written."""
