"""The word games: made by code from the glossary, each provably solvable."""

from coursewright.course.games.cells import cells, pattern
from coursewright.course.games.crossword import make_crossword
from coursewright.course.games.hangman import make_hangman
from coursewright.course.games.make import GameSet, NotMade, make_games
from coursewright.course.games.matching import make_matching
from coursewright.course.games.model import (
    Crossword,
    GameKind,
    Hangman,
    LeftOut,
    Matching,
    Scramble,
    VocabularyQuiz,
    WordGame,
    WordSearch,
)
from coursewright.course.games.scramble import make_scramble
from coursewright.course.games.vocabulary import make_vocabulary_quiz
from coursewright.course.games.word_search import make_word_search

__all__ = [
    "Crossword",
    "GameKind",
    "GameSet",
    "Hangman",
    "LeftOut",
    "Matching",
    "NotMade",
    "Scramble",
    "VocabularyQuiz",
    "WordGame",
    "WordSearch",
    "cells",
    "make_crossword",
    "make_games",
    "make_hangman",
    "make_matching",
    "make_scramble",
    "make_vocabulary_quiz",
    "make_word_search",
    "pattern",
]
