"""What an address alone tells of a service: resource, issuer, endpoints. Values in, values out; nothing is sent here.

service        what is known of a discovered service, as an account remembers it
May import platform, errors and the modules of oauth2/ that send nothing. Source: RFC 9728, RFC 8414, RFC 8707.
"""
