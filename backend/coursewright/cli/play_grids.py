"""The games that are played on a grid."""

from rich.markup import escape

from coursewright.cli.ask import asked
from coursewright.cli.console import out
from coursewright.course.games import Crossword, WordSearch, cells
from coursewright.course.games.model import CrosswordWord, Direction
from coursewright.course.text import fold


def play_crossword(game: Crossword) -> tuple[int, int]:
    """The player names an entry, such as `3 across`, and gives its word."""
    open_words = {_name(word): word for word in game.words}
    solved: set[str] = set()
    tried: set[str] = set()
    while len(solved) < len(open_words):
        _print_crossword(game, [open_words[name] for name in solved])
        for name, word in open_words.items():
            if name not in solved:
                out.print(f"  [bold]{name}[/] {escape(word.clue)} {word.pattern}")
        choice = asked("entry, such as 1a (2d = 2 down; ? shows one)")
        if choice is None:
            break
        reveal = choice.endswith("?")
        name = (
            "".join(choice.casefold().rstrip("?").split()).replace("cross", "").replace("own", "")
        )
        word = open_words.get(name)
        if word is None or name in solved:
            out.print("[yellow]there is no such open entry[/]")
            continue
        tried.add(name)
        if reveal:
            out.print(escape(word.term))
            continue
        answer = asked(f"{name} {word.pattern}")
        if answer is None:
            break
        if cells(answer) == word.letters or fold(answer) == fold(word.term):
            solved.add(name)
            out.print("[green]right[/]")
        else:
            out.print("[red]no[/]")
    return len(solved), len(tried)


def play_word_search(game: WordSearch) -> tuple[int, int]:
    """The player gives the words found; clues stand beside the grid."""
    found: set[str] = set()
    tried = 0
    while len(found) < len(game.words):
        out.print()
        marked = {
            (word.row + step * word.row_step, word.column + step * word.column_step)
            for word in game.words
            if word.term in found
            for step in range(len(word.letters))
        }
        for row, line in enumerate(game.grid):
            out.print(
                " ".join(
                    f"[reverse]{letter}[/]" if (row, column) in marked else letter
                    for column, letter in enumerate(line)
                )
            )
        for hidden in game.words:
            if hidden.term not in found:
                out.print(f"  ({len(hidden.letters)}) [dim]{escape(hidden.clue)}[/]")
        answer = asked("a word")
        if answer is None:
            break
        if not answer:
            continue
        tried += 1
        hit = next((word for word in game.words if cells(answer) == word.letters), None)
        if hit is None:
            out.print("[red]not hidden here[/]")
        else:
            found.add(hit.term)
    return len(found), tried


def _name(word: CrosswordWord) -> str:
    return f"{word.number}{'a' if word.direction is Direction.ACROSS else 'd'}"


def _print_crossword(game: Crossword, solved: list[CrosswordWord]) -> None:
    known = {
        square: letter
        for word in solved
        for square, letter in zip(word.squares(), word.letters, strict=True)
    }
    starts = {(word.row, word.column): word.number for word in game.words}
    squares = {square for word in game.words for square in word.squares()}
    out.print()
    for row in range(game.rows):
        line = ""
        for column in range(game.columns):
            square = (row, column)
            if square not in squares:
                line += "   "
            elif square in known:
                line += f" [green]{known[square]}[/] "
            else:
                line += f"{starts[square]:>2} " if square in starts else " · "
        out.print(line.rstrip())
