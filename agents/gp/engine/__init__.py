"""A fast GP over shares and places: warm starts, one compile a bucket, observations appended."""
