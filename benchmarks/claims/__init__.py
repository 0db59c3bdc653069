"""What sequence models are said to do, measured: claims with bounds, beside exact answers."""
