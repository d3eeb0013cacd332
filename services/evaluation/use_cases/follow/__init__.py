"""Keep up with what other services tell, in whatever order it comes."""
