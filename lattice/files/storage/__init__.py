"""Bytes on a disk, whatever their format: read, written whole or not at all, numbered."""
