"""One frame: what will be done to it, and doing it."""
