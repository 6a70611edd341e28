"""The rules of connecting, handing out, refreshing and ending. Nothing here prints or prompts."""
