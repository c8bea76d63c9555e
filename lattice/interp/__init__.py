"""An SDev and pixels on the CPU. `reference` is the definition, and the engine that always works."""
