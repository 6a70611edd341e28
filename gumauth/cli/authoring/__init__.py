"""The files that `gumauth new` writes: their texts, made from values.

draft                    a provider that is to be written, as values; names for its module and its class
origins, questions       drafts from a provider's class, a discovered service, and a person's answers
literals                 values as Python that ruff would not write otherwise, whatever is in them
facts_file               a draft as a class of facts
gumstack_file            a draft as a file for Gumstack that needs nothing of gumauth: gumstack_code has what is the
                         same for every service, gumstack_requests what services want in requests
life_file, life_service  the tests of either, and how the server of `gumauth.testing` becomes like the service
package                  the files of a package around them
files                    which files there are, and their writing: never over one that is there
"""
