"""`gumauth check`: plays a provider file through a life, in a process whose every connection leads to a stand-in.

process     starts the worker, and reads its findings; watch does so again at every save of what sources names
worker      the process: loads the file, plays, prints a line of JSON for each finding
isolation   every host name and address leads to the listener; own_network: for C code too, where Linux lets it
listener    answers for every host, over TLS and plain (authority: certificates)
variables   made up (values: by name), also for settings_libraries
service     the strict server behind the listener, whatever the file's addresses are; answers has what it tells
learning    finds out first what a file reads of answers (shapes, known_answers: by facts; samples: given; untold)
stage       one run of the file against a service: calls its methods; outcome: of one call; lines: which ran when
life        the ordinary life, with authorization_url and ending; finding is what is found, telling has the words
book        plays misbehaviours, each on a new connection (connecting); cases has them as data (tokens_changed)
verdicts    judges tokens; nicknames, redirects, waiting, characters, at_once the rest; blame finds the line
grouping    findings with one cause as one, worst first; report shows them
"""
