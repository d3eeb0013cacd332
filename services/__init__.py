"""The four services and the command. A service never imports another."""
