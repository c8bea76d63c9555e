"""OpenColorIO configs: where they begin, what is added to them, and how they are written, whole or not at all.

PyOpenColorIO is imported where a config is made.
"""
