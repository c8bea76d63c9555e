"""Dailies: a sequence graded and written as one movie."""
