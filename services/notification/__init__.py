"""What is sent to whom, when, by which channel, and why not."""
