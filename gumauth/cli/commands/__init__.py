"""The commands: `gumauth NAME` runs `run` of the module NAME, with the values of the command line and the terminal.

A part that only one command has is named for the command: connect_prompts, connect_device, connect_discovered,
connect_keys, demo_scenes, doctor_checks, doctor_finding, doctor_programs, link_write, list_table,
providers_discovered, providers_list, providers_places, providers_words, store_init, store_log,
store_reader_key, store_rekey, token_of_key.

`parsing/table.py` names each `run`; `parsing/execute.py` imports and calls it. A command reads its arguments, calls
the rules of client/ once, and prints. It may import everything but `main`, which only the demo runs.
"""
