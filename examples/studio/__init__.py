"""A small studio in NumPy: shapes, figures, a color chart, light, and a ray marcher."""
