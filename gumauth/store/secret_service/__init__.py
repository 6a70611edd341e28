"""The Secret Service as a store; reading is in `dbus/secret_items`.

store            the store, and its access to the service: with or without a person who can answer a dialog
item_changes     writing and deleting
prompts          the dialogs that the service asks for
reused_items     for a service that asks before it replaces or deletes an item (KeePassXC)
It imports dbus/, bus_access and, where a conversation is not enough, keyring/.
"""
