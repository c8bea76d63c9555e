"""`python -m lattice.cli`."""

from lattice.cli import main

main()
