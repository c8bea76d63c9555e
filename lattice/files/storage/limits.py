"""How much a file may ask for, whatever its format."""

# A header may ask for this much memory whatever the file's size; beyond it, only so many times the file's
# size (deflate packs 1032:1 at best), and never more than the last.
FREE_BYTES = 2**30
MOST_EXPANSION = 2000
MOST_BYTES = 2**34


def allowed_bytes(file_bytes: int) -> int:
    """Bytes of pixels that a file of this size may declare."""
    return min(MOST_BYTES, max(FREE_BYTES, MOST_EXPANSION * file_bytes))
