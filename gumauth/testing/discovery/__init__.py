"""What a client finds out about a server that it has only the address of.

- resource: the settings of a protected resource, and its addresses.
- challenge: the `WWW-Authenticate` header that refuses a request, in the forms that servers send.
- mcp: the answers of a small MCP server.
- protected: the protected resources, which answer to tokens, and their metadata documents.
- server_metadata: the documents of the authorization server.
- registration: what the server makes of a client's request to be registered; registration_endpoint: its answers.
- client_documents: client ids that are URLs; known_clients: these and the registered ones.
- redirects: documents and resources that are elsewhere.
- settings: how the server describes itself.
"""
