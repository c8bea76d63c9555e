"""DPX, Cineon, TIFF, PNG, HDR and JPEG."""
