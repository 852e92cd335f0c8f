"""Wikitext as a tree that can be edited; what is not edited stays as it was, byte for byte."""
