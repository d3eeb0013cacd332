"""How a message becomes a mail and leaves: words, calendar file, composition, and the sender."""
