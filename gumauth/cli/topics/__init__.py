"""The topics of `gumauth help`: one page of Markdown each, and `pages`, which reads and renders them.

It imports `terminal/formatting`; `parsing/help` and `parsing/man` use it.
"""
