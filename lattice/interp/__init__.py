"""Apply an SDev on the CPU: `reference`, the definition in NumPy; `native`, compiled C++; `threads` for both."""
