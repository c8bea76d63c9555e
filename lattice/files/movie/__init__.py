"""Movies, through PyAV."""
