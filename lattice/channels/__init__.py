"""Which channels of a file are color: policy, which touches no byte."""
