"""The folder that `gumauth run --gumstack` puts on PYTHONPATH.

sitecustomize   runs as each Python process of the command starts, and puts gumauth's `mcp.gumstack` in its place

Nothing else may lie here: every file would be a top-level module of somebody's server.
"""
