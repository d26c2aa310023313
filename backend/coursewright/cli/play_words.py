"""The games that are played word by word."""

import secrets

from rich.markup import escape

from coursewright.cli.ask import asked
from coursewright.cli.console import out
from coursewright.course.games import Hangman, Matching, Scramble, VocabularyQuiz
from coursewright.course.text import fold

_LETTERS = "ABCDEFGH"


def play_hangman(game: Hangman) -> tuple[int, int]:
    """Letter by letter; a whole word is a guess, too."""
    right = tried = 0
    for item in game.rounds:
        out.print(f"\n[dim]{escape(item.clue)}[/]")
        guessed: set[str] = set()
        misses = 0
        wanted = {letter.guess for letter in item.letters if letter.guess is not None}
        tried += 1
        while misses <= game.misses and not wanted <= guessed:
            shown = " ".join(
                letter.shown if letter.guess is None or letter.guess in guessed else "_"
                for letter in item.letters
            )
            out.print(f"{escape(shown)}   misses left: {game.misses - misses}")
            answer = asked("a letter")
            if answer is None:
                return right, tried - 1
            if not answer:
                break
            guess = answer.upper()
            if fold(answer) == fold(item.term):
                guessed |= wanted
            elif guess in guessed:
                out.print("you had that one")
            elif guess in wanted:
                guessed.add(guess)
            else:
                guessed.add(guess)
                misses += 1
        won = wanted <= guessed
        right += won
        out.print(_verdict(item.term, won=won))
    return right, tried


def play_scramble(game: Scramble) -> tuple[int, int]:
    """Letters in another order."""
    right = tried = 0
    for item in game.words:
        out.print(f"\n[bold]{' '.join(item.scrambled)}[/] {item.pattern}")
        out.print(f"[dim]{escape(item.clue)}[/]")
        answer = asked("the word")
        if answer is None:
            break
        tried += 1
        won = fold(answer) == fold(item.term) or _bare(answer) == "".join(item.letters).casefold()
        right += won
        out.print(_verdict(item.term, won=won))
    return right, tried


def play_matching(game: Matching) -> tuple[int, int]:
    """A letter for each term."""
    right = tried = 0
    for item in game.rounds:
        out.print()
        for letter, definition in zip(_LETTERS, item.definitions, strict=False):
            out.print(f"  [bold]{letter}[/] {escape(definition)}")
        for term, solution in zip(item.terms, item.solution, strict=True):
            answer = asked(term)
            if answer is None:
                return right, tried
            tried += 1
            won = answer.upper() == _LETTERS[solution]
            right += won
            out.print(_verdict(_LETTERS[solution], won=won))
    return right, tried


def play_vocabulary_quiz(game: VocabularyQuiz) -> tuple[int, int]:
    """Choose the meaning."""
    right = tried = 0
    for item in game.questions:
        meanings = [item.definition, *item.incorrect_options]
        secrets.SystemRandom().shuffle(meanings)
        out.print(f"\n[bold]{escape(item.word)}[/]")
        for letter, meaning in zip(_LETTERS, meanings, strict=False):
            out.print(f"  [bold]{letter}[/] {escape(meaning)}")
        answer = asked("a letter")
        if answer is None:
            break
        tried += 1
        solution = _LETTERS[meanings.index(item.definition)]
        won = answer.upper() == solution
        right += won
        out.print(_verdict(solution, won=won))
    return right, tried


def _bare(text: str) -> str:
    return "".join(each for each in text if each.isalnum()).casefold()


def _verdict(solution: str, *, won: bool) -> str:
    return "[green]right[/]" if won else f"[red]no:[/] {escape(solution)}"
