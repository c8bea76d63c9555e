"""The one error. It stands alone so that the command line can name it without loading NumPy."""


class LatticeError(ValueError):
    """What a user can mend: the message says where, what was expected, and what came."""
