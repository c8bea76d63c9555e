"""Regrade on other machines: Dask clusters, array jobs, Open Job Description."""
