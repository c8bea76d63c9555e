"""Looks as LUT files for other programs: what each takes, sampled from the exact chain, with the loss measured."""
