"""A sequence as one movie."""
