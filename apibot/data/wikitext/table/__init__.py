"""Tables of wikitext: read beside the tree, and put into it when one of them is changed.

``table`` is what is used; ``text`` is what MediaWiki's rules see, ``layout`` finds tables and their parts by them,
``parts`` the cells in these; ``grid`` spreads cells out in rows and columns, ``writing`` makes new ones.
"""
