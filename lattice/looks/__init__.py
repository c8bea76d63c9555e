"""What artists write: stocks and profiles, as validated records and as TOML on disk."""

from lattice.looks.load import load_profile, schemas
from lattice.looks.profile import DensityOnly, DisplaySpec, Profile
from lattice.looks.stock import Stock
from lattice.looks.toml import profile_names, stock_names

__all__ = ["DensityOnly", "DisplaySpec", "Profile", "Stock", "load_profile", "profile_names", "schemas",
           "stock_names"]
