"""The shape of an answer, which is found out by watching what a file reads of it.

names       what stands under a name in answers of services: an e-mail, a number, a list, nothing
shape       a tree of what an answer holds, and the JSON of it
recording   decoded JSON that notes in the tree which of its parts are read, and how
decoding    hands such objects to whoever decodes the bytes of an answer, for a while
evidence    what an exception says of the answer that is wanted
guesses     what else to try
"""
