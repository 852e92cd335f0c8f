"""Rows of the API as typed objects: ``base`` says how they work, each other module holds one family of kinds."""
