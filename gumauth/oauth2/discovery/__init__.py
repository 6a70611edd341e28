"""What an address alone tells of a service: resource, issuer, endpoints. Values in, values out; nothing is sent here.

addresses      reading a typed address; where its metadata may be; which addresses belong together
private_places whether a host is on this machine or in a private network
challenge      what WWW-Authenticate says
documents      the metadata of a resource and of an authorization server
choices        scopes, client and its authentication; what cannot be asked
document       the client metadata document that a project publishes
service        what is known of a discovered service, as an account remembers it
May import platform, errors and the modules of oauth2/ that send nothing. Source: RFC 9728, RFC 8414, RFC 8707.
"""
