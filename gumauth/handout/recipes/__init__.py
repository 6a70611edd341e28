"""Recipes: what to put where, so that a program asks gumauth for its token from now on. `gumauth link`.

recipe             the values: a recipe, what it is made from, one step of --write
quoting            words in the spellings of a shell, git, YAML, mutt and others
git                git
mcp_clients        Claude Code, Codex, and the clients that start gumauth's bridge
mail               msmtp, mutt, isync, aerc
command_lines      kubectl, rclone, and the programs that are started with a token: curl, gcloud, aws, terraform, docker
table              all recipes, by the word of the program
judging            whether an account fits a program, and the facts that the recipe needs
own_path           the words that start gumauth from anywhere
short_environment  what a program of a desktop starts gumauth with, and what is lost there

The recipes are pure. `judging` reads which accounts and providers there are, and no store.
"""
