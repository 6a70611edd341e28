"""All recipes by the word of the program, in the order in which they are listed."""

from __future__ import annotations

from gumauth.handout.recipes import command_lines, git, mail, mcp_clients

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.handout.recipes.recipe import Recipe

RECIPES: dict[str, Recipe] = {
    recipe.program: recipe for module in (git, mcp_clients, mail, command_lines) for recipe in module.RECIPES
}
