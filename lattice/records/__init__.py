"""What artists write: stocks and profiles, as validated records and as TOML on disk."""

from lattice.records.profile import DensityOnly, DisplaySpec, Profile
from lattice.records.stock import Stock
from lattice.records.store import load_profile, profile_names, schemas, stock_names

__all__ = ["DensityOnly", "DisplaySpec", "Profile", "Stock", "load_profile", "profile_names", "schemas",
           "stock_names"]
