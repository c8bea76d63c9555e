"""The process that grades frames: its memory."""
