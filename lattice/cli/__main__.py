"""`python -m lattice.cli`."""

from lattice.cli import main

if __name__ == "__main__":  # a worker's process imports this again, by another name
    main()
