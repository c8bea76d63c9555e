"""LUT files of all formats, each a module: bytes to a process list, and back."""
