"""What the four services have in common; it knows none of them."""
