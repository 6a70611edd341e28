"""`gumauth mcp`: an account's remote MCP server as one on standard input and output. Promise H7.

run               one run, from the first line of standard input to the end of the session
bridge            the client's side: messages in their order, requests side by side, errors
server            the server's side: its sessions, opened again where they end, and its answers
older, streams    the stream of the older transport; streams of events, resumed where they broke
requests, tokens  requests with the account's token; the token, had once for all that wait for it
standard_streams  whole lines of standard input and output, on threads
address, waiting  the address of the server, checked; waiting for the first of several
conversation      what is asked and not answered yet, pure, as are:
answers, session  what an answer means; a session and its header fields
frames, headers, sse, coding  messages, header fields, server-sent events, and bodies that are compressed
"""
