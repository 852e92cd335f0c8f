"""Titles: what pages are called, by the rules of their wiki.

``title`` is what is used; ``rules`` takes a text apart, ``text`` cleans it and finds places in it again, ``urls`` are
addresses, ``letters`` and ``ip_names`` what languages and addresses of users ask for.
"""
