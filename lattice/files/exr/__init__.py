"""OpenEXR files: headers byte for byte, chunks checked, written verified."""
