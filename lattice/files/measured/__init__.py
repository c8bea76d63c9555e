"""Colors and densities that an instrument measured, as text files hold them."""
