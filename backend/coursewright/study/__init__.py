"""Studying a course: completion, quizzes, reviews, word-game results, and how it goes."""

from coursewright.study.room import Study

__all__ = ["Study"]
