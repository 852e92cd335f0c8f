"""Ways to talk with a wiki."""
