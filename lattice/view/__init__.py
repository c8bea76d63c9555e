"""The darkroom page: shots through SDevs, and film curves pulled by hand, in a browser."""
