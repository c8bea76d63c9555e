"""Limits for the memory that a file's header may declare, for all formats."""

# A header may declare FREE_BYTES whatever the file's size; beyond that at most MOST_EXPANSION times the file's
# size (deflate packs 1032:1 at best), and never more than MOST_BYTES.
FREE_BYTES = 2**30
MOST_EXPANSION = 2000
MOST_BYTES = 2**34


def allowed_bytes(file_bytes: int) -> int:
    """Return the bytes of pixels that a file of `file_bytes` may declare."""
    return min(MOST_BYTES, max(FREE_BYTES, MOST_EXPANSION * file_bytes))
