"""Many shots in one run, and what became of them."""
