"""Run the pixel shader on a GPU through CuPy: choose the kernel, launch it, copy images to the GPU and back."""
