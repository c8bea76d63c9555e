"""One frame: its plan, and its grade."""
