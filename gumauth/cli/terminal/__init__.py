"""The terminal of a run: its streams, the questions on it, and the form of what is printed.

terminal                        the three streams, and everything that is written to them
questions, hidden_input         questions with a line for an answer, shown or hidden
chooser                         a list to choose from with the arrow keys
qr_code                         a QR code, for a window that has room for one
pasted_lines                    lines that arrive while something else is awaited
formatting                      times, lists and folded text
styled, tables                  lines of text in pieces with a style each; tables of a window's width

It imports the platform, the errors and, for the context of a command, client/ and `env_file`.
"""
