"""What the operating system and the start-up time of `gumauth token` force on gumauth. No file here knows OAuth.

frozen, json                     values without `dataclasses`, and their stored form, read without `json`
text, digest                     foreign text, safe to print and without secrets; SHA-256
folders, files, disk_errors      where gumauth's files are, how they are read and written, hints about their disk
permissions, users               who else can change a file or folder
settings                         what variables say, in a file
lock, threads, clocks            locks between processes; blocking work beside an event loop; a clock nobody sets
child_environment                what a program that gumauth starts may know
interpreter, detached            another Python process of gumauth's own; one that is left behind
known_packages                   which package to install for a missing module

It imports the errors and the standard library; every other folder uses it, but for the test kit.
"""
