"""An SDev and pixels on the CPU: `reference`, the definition in NumPy; `native`, compiled; `threads` for both."""
