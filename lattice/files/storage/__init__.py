"""Files of any format: reading, atomic writing, frame numbers."""
