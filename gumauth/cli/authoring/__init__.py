"""The files that `gumauth new` writes: their texts, made from values.

draft                    a provider that is to be written, as values; names for its module, class and distribution
origins                  drafts from a provider's class and from a discovered service
questions                a draft from a person's answers
literals                 values as Python that ruff would not write otherwise, whatever is in them
facts_file               a draft as a class of facts
gumstack_file            a draft as a file for Gumstack that needs nothing of gumauth
gumstack_requests        its requests, as a service wants them
life_file, life_service  the tests of either, and how the server of `gumauth.testing` becomes like the service
package                  the files of a package around them
files                    which files there are, and their writing: never over a file that is there
"""
