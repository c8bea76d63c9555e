"""Every byte that touches a disk."""
