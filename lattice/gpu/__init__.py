"""The pixel shader on a GPU, through CuPy: which kernel a picture needs, launching it, carrying pictures over."""
