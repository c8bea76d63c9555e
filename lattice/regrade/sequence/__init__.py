"""A sequence of frames: its plan, its run, its reports."""
