"""A number as text files write it."""

from __future__ import annotations

import re

# Matches in one way only, so that no word takes long; four digits of an exponent are more than a float64 has.
NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d{1,4})?", re.ASCII)
