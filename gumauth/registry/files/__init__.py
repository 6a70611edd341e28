"""Runs a provider file, and explains each way in which that fails.

runner              a path or an entry point → a resolved provider
trusted_source      reads a file that nobody else can write
enclosing_package   the package that a file is a module of, from folders and imports
sibling_imports     imports what lies beside a file, for the code of that file only
provider_class      which class of a module is the provider
import_errors       what the code raised while it was imported → one error
file_hints          which file the person probably meant
"""
